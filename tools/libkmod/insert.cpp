// Into the kernel and out of it.

#include <algorithm>

#include "tools/lib/file.h"
#include "tools/lib/loader.h"
#include "tools/lib/probe.h"
#include "tools/lib/syscalls.h"
#include "tools/libkmod/module.h"

using namespace tenon;
using namespace tenon::tools;
using namespace tenon::tools::libkmod;

namespace {

// How kmod_module_probe_insert_module() was called.
struct Probe {
    unsigned flags;
    std::string parameters;
    int (*run_install)(kmod_module* module, const char* command, void* data);
    void* data;
    void (*print_action)(kmod_module* module, bool install, const char* options);

    bool has(unsigned flag) const { return (flags & flag) != 0; }
};

static_assert(unsigned{KMOD_INSERT_FORCE_VERMAGIC} == KMOD_PROBE_FORCE_VERMAGIC);
static_assert(unsigned{KMOD_INSERT_FORCE_MODVERSION} == KMOD_PROBE_FORCE_MODVERSION);

ForceLoad force_of(unsigned flags)
{
    return {.modversion = (flags & KMOD_INSERT_FORCE_MODVERSION) != 0, .vermagic = (flags & KMOD_INSERT_FORCE_VERMAGIC) != 0};
}

Result<int> insert(kmod_module& module, unsigned flags, const std::string& parameters)
{
    if (module.path.empty())
        module.resolve();
    if (module.path.empty()) {
        message(Severity::error, "could not find module by name='%s'", module.name.c_str());
        return fail(Errno::noent);
    }
    TRY(load_module(module.path, parameters, force_of(flags)));
    return 0;
}

Result<int> remove(const kmod_module& module, unsigned flags)
{
    const auto result = delete_module(module.name, (flags & KMOD_REMOVE_FORCE) != 0 ? Force::yes : Force::no);
    if (result)
        return 0;
    if ((flags & KMOD_REMOVE_NOLOG) == 0)
        message(Severity::error, "could not remove '%s': %s", module.name.c_str(), error_text(result.error()));
    return fail(result.error());
}

// The flag by which the blacklist stops the module; 0 when it does not.
unsigned stopped_by(const Catalog& catalog, const Module& module, const Probe& probe)
{
    if (!catalog.is_blacklisted(module))
        return 0;
    if (!module.alias.empty() && probe.has(KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY))
        return KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY;
    if (probe.has(KMOD_PROBE_APPLY_BLACKLIST_ALL))
        return KMOD_PROBE_APPLY_BLACKLIST_ALL;
    return probe.flags & KMOD_PROBE_APPLY_BLACKLIST;
}

// The caller's function has the module and the command, and may take a reference to the one and a copy of the other.
Result<> run_by_caller(kmod_ctx& context, const Probe& probe, const Module& module, const std::string& command)
{
    const int status = probe.run_install(obtain(context, module).get(), command.c_str(), probe.data);
    return status < 0 ? Result<>(fail(static_cast<Errno>(-status))) : Result<>();
}

ProbeOptions options_of(kmod_ctx& context, const Probe& probe)
{
    ProbeOptions options;
    options.force = force_of(probe.flags);
    options.ignore_command = probe.has(KMOD_PROBE_IGNORE_COMMAND);
    options.ignore_loaded = probe.has(KMOD_PROBE_IGNORE_LOADED);
    options.dry_run = probe.has(KMOD_PROBE_DRY_RUN);
    options.fail_on_loaded = probe.has(KMOD_PROBE_FAIL_ON_LOADED);
    if (probe.run_install != nullptr)
        options.run_install = [&context, &probe](const Module& module, const std::string& command) {
            return run_by_caller(context, probe, module, command);
        };
    return options;
}

Result<int> probe_insert(kmod_module& module, const Probe& probe)
{
    Lookup lookup(module.context);
    Catalog& catalog = lookup.catalog();
    Module& found = in_catalog(catalog, module);
    const ProbeOptions options = options_of(module.context, probe);
    if (!options.ignore_loaded && in_kernel(catalog, found))
        return options.fail_on_loaded ? Result<int>(fail(Errno::exist)) : 0;
    if (const unsigned flag = stopped_by(catalog, found, probe); flag != 0)
        return static_cast<int>(flag);
    auto steps = probe_list(catalog, found, options.ignore_command);
    if (probe.has(KMOD_PROBE_APPLY_BLACKLIST_ALL))
        std::erase_if(steps, [&](const Module* step) { return catalog.is_blacklisted(*step); });
    const ProbeReport report = [&](const Module& step, const ConfigCommand* command, const std::string& its_options) {
        if (probe.print_action != nullptr)
            probe.print_action(obtain(module.context, step).get(), command != nullptr, its_options.c_str());
    };
    TRY(insert_listed(catalog, found, steps, probe.parameters, options, report));
    return 0;
}

}  // namespace

extern "C" {

int kmod_module_insert_module(kmod_module* mod, unsigned flags, const char* options)
{
    if (mod == nullptr)
        return -ENOENT;
    return answer(mod->context, __func__, [&] { return insert(*mod, flags, options == nullptr ? "" : options); });
}

int kmod_module_remove_module(kmod_module* mod, unsigned flags)
{
    return mod == nullptr ? -ENOENT : answer(mod->context, __func__, [&] { return remove(*mod, flags); });
}

int kmod_module_probe_insert_module(kmod_module* mod, unsigned flags, const char* extra_options,
                                    int (*run_install)(kmod_module* m, const char* cmdline, void* data), const void* data,
                                    void (*print_action)(kmod_module* m, bool install, const char* options))
{
    if (mod == nullptr)
        return -ENOENT;
    return answer(mod->context, __func__, [&]() -> Result<int> {
        const Probe probe{flags, extra_options == nullptr ? "" : extra_options, run_install, const_cast<void*>(data), print_action};
        return probe_insert(*mod, probe);
    });
}

}  // extern "C"
