#pragma once

#include <string>
#include <vector>

#include <modlink/modlink.h>
#include "module/elf/metadata_view.h"
#include "tools/modlink/kernel_symbols.h"

namespace tenon::tools {

// What a kernel asks of a module apart from being linkable: that it is a module, its version magic, that nobody exports its names already,
// symbol versions, licences. `output` is what the linker made of it. Enters the reasons in output.problems and the first one's errno in output.error.
void apply_load_rules(const elf::MetadataView& module, const KernelSymbols& symbols, ::modlink::Output& output);

// .modinfo's name, or the one that the path gives.
std::string name_of_module(const elf::MetadataView& module, const std::string& path);

}  // namespace tenon::tools
