#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/lib/result.h"
#include "module/elf/metadata_view.h"

namespace tenon::tools {

struct InfoField {
    std::string key;
    std::string value;
};

// A module parameter: what `parm` and `parmtype` of one name say.
struct InfoParameter {
    std::string name;
    std::optional<std::string> description;
    std::optional<std::string> type;

    // "name:description (type)". Without description the type takes its place among the fields, but not in a list of parameters.
    enum class Form { field, list };
    std::string text(Form form) const;
};

// What modinfo shows of a module: the fields in file order, and those of the signature behind them.
struct ModuleInfo {
    std::vector<InfoField> fields;  // `parm` and `parmtype` as they stand in the file included

    void add(std::string_view key, std::string_view value);

    // The last that was named first; those without a colon are reported and left out.
    std::vector<InfoParameter> parameters() const;
};

// Of an unpacked module file and the view of it; reads no more than it needs. Signatures are wrapped into lines as kmod does.
Result<ModuleInfo> read_module_info(elf::Source& file, const elf::MetadataView& view);

// Of a module that is built into the kernel, from the text of modules.builtin.modinfo; nothing when it is not named there.
std::optional<ModuleInfo> read_builtin_info(std::string_view text, std::string_view module);

}  // namespace tenon::tools
