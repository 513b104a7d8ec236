#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "tools/lib/depmod/dependency.h"

namespace tenon::tools {

// The kernel's own exports, read from files of its build. The texts must live as long as the table.

// System.map: `address type __ksymtab_NAME`.
void add_system_map(ExportTable& exports, std::string_view text, const std::string& file_name, char symbol_prefix);

// Module.symvers: `crc name where type`; only what stands in vmlinux counts.
void add_module_symvers(ExportTable& exports, std::string_view text, const std::string& file_name);

// Symbols that the module loader or the linker makes up.
void add_made_up_symbols(ExportTable& exports);

}  // namespace tenon::tools
