#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/lib/depmod/dependency.h"
#include "tools/lib/depmod/module_record.h"

namespace tenon::tools {

struct MakeOptions {
    bool binary = true;  // make binary indexes, not only the text files
    bool warn_duplicates = false;
};

// What depmod writes. Each function makes one file, or a text file and its binary index in one walk; they only read what they
// are given and may run side by side. An index that would be larger than its format allows is left empty, which no other is.
struct IndexPair {
    std::string text;
    std::string binary;
};

IndexPair make_dependencies(std::span<const ModuleRecord> records, const MakeOptions& options);
IndexPair make_aliases(std::span<const ModuleRecord> records, const MakeOptions& options);
IndexPair make_symbols(std::span<const ModuleRecord> records, const ExportTable& exports, const MakeOptions& options);
std::string make_softdeps(std::span<const ModuleRecord> records);
// Empty when no module names one: kmod has no such file.
std::string make_weakdeps(std::span<const ModuleRecord> records);
std::string make_device_names(std::span<const ModuleRecord> records);

// From modules.builtin and modules.builtin.modinfo.
std::string make_builtin(std::string_view builtin_text, const MakeOptions& options);
std::string make_builtin_aliases(std::string_view modinfo_text, const MakeOptions& options);

}  // namespace tenon::tools
