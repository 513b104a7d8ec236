#include "tools/lib/file.h"
#include "tools/lib/module_info.h"
#include "tools/libkmod/module_contents.h"

using namespace tenon;
using namespace tenon::tools;
using namespace tenon::tools::libkmod;

namespace {

struct InfoEntry final : kmod_list {
    explicit InfoEntry(const InfoField& its_field) : field(its_field) {}

    InfoField field;
};

Result<ModuleInfo> info_of(kmod_module& module)
{
    Lookup lookup(module.context);
    if (!lookup.catalog().is_builtin(bare(module)))
        return with_contents(module, read_module_info);
    const std::string text = TRY(read_text_file(module.context.folder + "/modules.builtin.modinfo"));
    return read_builtin_info(text, module.name).value_or(ModuleInfo());
}

Result<int> info_list(kmod_module& module, kmod_list*& result)
{
    const ModuleInfo info = TRY(info_of(module));
    List list;
    for (const InfoField& field : info.fields)
        list.append(std::make_unique<InfoEntry>(field));
    result = list.release();
    return static_cast<int>(info.fields.size());
}

}  // namespace

extern "C" {

int kmod_module_get_info(const kmod_module* mod, kmod_list** list)
{
    if (mod == nullptr || list == nullptr)
        return -ENOENT;
    if (*list != nullptr)
        return -EINVAL;
    return answer(mod->context, __func__, [&] { return info_list(inner(*mod), *list); });
}

const char* kmod_module_info_get_key(const kmod_list* entry)
{
    return entry == nullptr ? nullptr : entry_as<InfoEntry>(entry)->field.key.c_str();
}

const char* kmod_module_info_get_value(const kmod_list* entry)
{
    return entry == nullptr ? nullptr : entry_as<InfoEntry>(entry)->field.value.c_str();
}

}  // extern "C"
