#include "tools/libkmod/module.h"

#include "tools/lib/module_name.h"

using namespace tenon;
using namespace tenon::tools;
using namespace tenon::tools::libkmod;

namespace {

List list_of(kmod_ctx& context, const std::vector<Module*>& modules)
{
    List list;
    for (const Module* module : modules)
        append(list, obtain(context, *module));
    return list;
}

Result<int> softdeps(kmod_module& module, kmod_list*& before, kmod_list*& after)
{
    Lookup lookup(module.context);
    const auto& found = lookup.catalog().softdeps(in_catalog(lookup.catalog(), module));
    List first = list_of(module.context, found.before);
    List second = list_of(module.context, found.after);
    before = first.release();
    after = second.release();
    return 0;
}

Result<int> weakdeps(kmod_module& module, kmod_list*& weak)
{
    Lookup lookup(module.context);
    List list;
    for (const ConfigWeakdep& weakdep : module.context.config.weakdeps) {
        if (!matches(weakdep.pattern, module.name))
            continue;
        for (const std::string& name : weakdep.modules) {
            const auto found = lookup.catalog().lookup(name);
            if (!found)
                message(Severity::error, "failed to lookup weak dependency '%s', continuing anyway.", name.c_str());
            else
                for (const Module* dependency : found->modules)
                    append(list, obtain(module.context, *dependency));
        }
    }
    weak = list.release();
    return 0;
}

Result<int> filter(const kmod_ctx& context, unsigned filters, const kmod_list* input, kmod_list*& output)
{
    Lookup lookup(context);
    List list;
    for (const kmod_list* entry = input; entry != nullptr; entry = kmod_list_next(input, entry)) {
        kmod_module* module = entry_as<ModuleEntry>(entry)->module.get();
        const Module found = bare(*module);
        const bool out = ((filters & KMOD_FILTER_BLACKLIST) != 0 && lookup.catalog().is_blacklisted(found)) ||
                         ((filters & KMOD_FILTER_BUILTIN) != 0 && lookup.catalog().is_builtin(found));
        if (!out)
            append(list, ModuleReference(kmod_module_ref(module)));
    }
    output = list.release();
    return 0;
}

}  // namespace

extern "C" {

kmod_list* kmod_module_get_dependencies(const kmod_module* mod)
{
    if (mod == nullptr)
        return nullptr;
    return answer(mod->context, __func__, [&]() -> Result<kmod_list*> {
        inner(*mod).resolve();
        List list;
        for (const std::string& name : mod->needed)
            append(list, obtain(mod->context, name, {}));
        return list.release();
    });
}

int kmod_module_get_softdeps(const kmod_module* mod, kmod_list** pre, kmod_list** post)
{
    if (mod == nullptr || pre == nullptr || post == nullptr)
        return -ENOENT;
    return answer(mod->context, __func__, [&] { return softdeps(inner(*mod), *pre, *post); });
}

int kmod_module_get_weakdeps(const kmod_module* mod, kmod_list** weak)
{
    if (mod == nullptr || weak == nullptr)
        return -ENOENT;
    return answer(mod->context, __func__, [&] { return weakdeps(inner(*mod), *weak); });
}

int kmod_module_apply_filter(const kmod_ctx* ctx, kmod_filter filter_type, const kmod_list* input, kmod_list** output)
{
    if (ctx == nullptr || output == nullptr)
        return -ENOENT;
    *output = nullptr;
    return answer(*ctx, __func__, [&] { return filter(*ctx, filter_type, input, *output); });
}

int kmod_module_get_filtered_blacklist(const kmod_ctx* ctx, const kmod_list* input, kmod_list** output)
{
    return kmod_module_apply_filter(ctx, KMOD_FILTER_BLACKLIST, input, output);
}

}  // extern "C"
