#include "tools/lib/module_info.h"

#include <algorithm>

#include "tools/lib/messages.h"
#include "tools/lib/signature.h"

namespace tenon::tools {

namespace {

// The value of the field is "name:rest".
void add_parameter(std::vector<InfoParameter>& parameters, const InfoField& field)
{
    const auto colon = field.value.find(':');
    if (colon == std::string::npos) {
        message(Severity::error, "Found invalid \"%s=%s\": missing ':'", field.key.c_str(), field.value.c_str());
        return;
    }
    const std::string name = field.value.substr(0, colon);
    auto parameter =
        std::find_if(parameters.begin(), parameters.end(), [&](const InfoParameter& known) { return known.name == name; });
    if (parameter == parameters.end())
        parameter = parameters.insert(parameters.begin(), InfoParameter{name, {}, {}});
    (field.key == "parm" ? parameter->description : parameter->type) = field.value.substr(colon + 1);
}

}  // namespace

std::string InfoParameter::text(Form form) const
{
    if (type && (description || form == Form::list))
        return name + ":" + description.value_or("") + " (" + *type + ")";
    return name + ":" + (description ? *description : type.value_or(""));
}

void ModuleInfo::add(std::string_view key, std::string_view value)
{
    fields.push_back({std::string(key), std::string(value)});
}

std::vector<InfoParameter> ModuleInfo::parameters() const
{
    std::vector<InfoParameter> result;
    for (const InfoField& field : fields)
        if (field.key == "parm" || field.key == "parmtype")
            add_parameter(result, field);
    return result;
}

Result<ModuleInfo> read_module_info(elf::Source& file, const elf::MetadataView& view)
{
    ModuleInfo info;
    for (const auto& entry : view.modinfo())
        info.add(entry.key, entry.value);
    if (const auto signature = TRY(read_signature(file))) {
        info.add("sig_id", signature->id_type);
        info.add("signer", signature->signer);
        info.add("sig_key", hexadecimal(signature->key_id, Wrap::yes));
        info.add("sig_hashalgo", signature->hash_algorithm);
        info.add("signature", hexadecimal(signature->signature, Wrap::yes));
    }
    return info;
}

// The file is a list of NUL-terminated "module.key=value".
std::optional<ModuleInfo> read_builtin_info(std::string_view text, std::string_view module)
{
    ModuleInfo info;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\0'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto dot = line.find('.');
        const auto equals = line.find('=');
        if (dot == std::string_view::npos || equals == std::string_view::npos || equals < dot || line.substr(0, dot) != module)
            continue;
        info.add(line.substr(dot + 1, equals - dot - 1), line.substr(equals + 1));
    }
    return info.fields.empty() ? std::nullopt : std::optional(std::move(info));
}

}  // namespace tenon::tools
