// The ways to a module: by name, file, alias, or because the kernel has it.

#include <sys/stat.h>

#include "tools/lib/file.h"
#include "tools/lib/kernel_modules.h"
#include "tools/lib/module_name.h"
#include "tools/libkmod/module.h"

using namespace tenon;
using namespace tenon::tools;
using namespace tenon::tools::libkmod;

namespace {

Result<int> from_path(kmod_ctx& context, const char* path, kmod_module*& result)
{
    const std::string absolute = absolute_path(path);
    struct stat status {};
    if (stat(absolute.c_str(), &status) != 0) {
        const Errno error = last_error().error();
        message(Severity::debug, "stat %s: %s", absolute.c_str(), error_text(error));
        return fail(error);
    }
    auto module = obtain(context, module_name_from_path(absolute), {});
    if (!module->path.empty() && module->path != absolute) {
        message(Severity::error, "module '%s' is known already, with the file %s instead of %s", module->name.c_str(), module->path.c_str(),
                absolute.c_str());
        return fail(Errno::exist);
    }
    module->path = absolute;
    result = module.release();
    return 0;
}

Result<int> from_lookup(kmod_ctx& context, const char* alias, kmod_list*& result)
{
    Lookup lookup(context);
    const auto found = TRY(lookup.catalog().lookup(alias));
    List list;
    for (const Module* module : found.modules)
        append(list, obtain(context, *module));
    result = list.release();
    return 0;
}

Result<int> from_name_lookup(kmod_ctx& context, const char* name, kmod_module*& result)
{
    Lookup lookup(context);
    Module& module = lookup.catalog().module(normalised_name(name), {});
    const bool known = !module.path.empty() || lookup.catalog().is_builtin(module);
    result = known ? obtain(context, module).release() : nullptr;
    return 0;
}

Result<int> from_loaded(kmod_ctx& context, kmod_list*& result)
{
    const auto loaded = TRY(loaded_modules());
    List list;
    for (const LoadedModule& module : loaded)
        append(list, obtain(context, module.name, {}));
    result = list.release();
    return 0;
}

int new_from_name_lookup(kmod_ctx* ctx, const char* modname, kmod_module** mod)
{
    if (ctx == nullptr || modname == nullptr || mod == nullptr)
        return -ENOENT;
    return answer(*ctx, "kmod_module_new_from_name_lookup", [&] { return from_name_lookup(*ctx, modname, *mod); });
}

}  // namespace

extern "C" {

int kmod_module_new_from_name(kmod_ctx* ctx, const char* name, kmod_module** mod)
{
    if (ctx == nullptr || name == nullptr || mod == nullptr)
        return -ENOENT;
    return answer(*ctx, __func__, [&]() -> Result<int> {
        *mod = obtain(*ctx, normalised_name(name), {}).release();
        return 0;
    });
}

int kmod_module_new_from_path(kmod_ctx* ctx, const char* path, kmod_module** mod)
{
    if (ctx == nullptr || path == nullptr || mod == nullptr)
        return -ENOENT;
    return answer(*ctx, __func__, [&] { return from_path(*ctx, path, *mod); });
}

int kmod_module_new_from_lookup(kmod_ctx* ctx, const char* given_alias, kmod_list** list)
{
    if (ctx == nullptr || given_alias == nullptr)
        return -ENOENT;
    if (list == nullptr || *list != nullptr)
        return -ENOSYS;
    return answer(*ctx, __func__, [&] { return from_lookup(*ctx, given_alias, *list); });
}

int kmod_module_new_from_name_lookup(kmod_ctx* ctx, const char* modname, kmod_module** mod)
{
    return new_from_name_lookup(ctx, modname, mod);
}

// As programs know it that were built for kmod 30, which had the function under the oldest version.
__attribute__((used, retain, symver("kmod_module_new_from_name_lookup@LIBKMOD_5"))) int oldest_name_lookup(kmod_ctx* ctx, const char* modname,
                                                                                             kmod_module** mod)
{
    return new_from_name_lookup(ctx, modname, mod);
}

int kmod_module_new_from_loaded(kmod_ctx* ctx, kmod_list** list)
{
    if (ctx == nullptr || list == nullptr)
        return -ENOENT;
    return answer(*ctx, __func__, [&] { return from_loaded(*ctx, *list); });
}

}  // extern "C"
