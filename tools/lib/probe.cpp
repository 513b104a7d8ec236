#include "tools/lib/probe.h"

#include <fcntl.h>

#include "tools/lib/file.h"
#include "tools/lib/kernel_modules.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_command.h"

namespace tenon::tools {

namespace {

class ListBuilder {
public:
    explicit ListBuilder(Catalog& catalog) : catalog_(catalog) {}

    // `required`: the module was asked for, so that its failure and that of its dependencies counts.
    enum class Need { required, soft };
    void visit(Module& module, Need need)
    {
        if (module.visited)
            return;
        module.visited = true;
        if (need == Need::required) {
            module.required = true;
            for (Module* dependency : module.needed)
                dependency->required = true;
        }
        for (Module* dependency : module.needed)
            append_with_softdeps(*dependency);
        if (module.ignore_command)  // its soft dependencies are ignored with it
            list_.push_back(&module);
        else
            append_with_softdeps(module);
    }

    std::vector<Module*> take() { return std::move(list_); }

private:
    void append_with_softdeps(Module& module)
    {
        const auto& softdeps = catalog_.softdeps(module);
        for (Module* before : softdeps.before)
            visit(*before, Need::soft);
        list_.push_back(&module);
        for (Module* after : softdeps.after)
            visit(*after, Need::soft);
    }

    Catalog& catalog_;
    std::vector<Module*> list_;
};

// kmod puts a blank behind the configured options even when nothing follows, and scripts compare the line.
std::string joined_options(const std::string& configured, const std::string& given)
{
    return configured.empty() ? given : configured + " " + given;
}

Result<> install(const Module& module, const ConfigCommand& command, const std::string& options)
{
    const int status = TRY(run_module_command("install", command.command, module.name, options));
    if (status == 0)
        return {};
    message(Severity::error, "Error running install command '%s' for module %s: retcode %d",
            expanded_command(command.command, options).c_str(), module.name.c_str(), status);
    return fail(Errno::inval);
}

Result<> insert_one(Catalog& catalog, Module& module, const std::string& parameters, const ProbeOptions& options,
                    const ProbeReport& report)
{
    if (!options.ignore_loaded && in_kernel(catalog, module)) {
        message(Severity::debug, "Ignoring module '%s': already loaded", module.name.c_str());
        return fail(Errno::exist);
    }
    const std::string all_options = joined_options(catalog.options(module), parameters);
    const auto& install_commands = catalog.config().install_commands;
    const ConfigCommand* command =
        module.ignore_command ? nullptr : Config::command_for(install_commands, module.name);
    report(module, command, all_options);
    if (options.dry_run)
        return {};
    if (command != nullptr && options.run_install)
        return options.run_install(module, expanded_command(command->command, all_options));
    if (command != nullptr)
        return install(module, *command, all_options);
    if (module.path.empty()) {
        message(Severity::error, "could not find module by name='%s'", module.name.c_str());
        return fail(Errno::noent);
    }
    const auto result = load_module(module.path, all_options, options.force);
    if (!result && result.error() == Errno::noent && !open_file(module.path, O_RDONLY | O_NONBLOCK))
        message(Severity::error, "could not open module %s", module.path.c_str());
    return result;
}

}  // namespace

bool in_kernel(const Catalog& catalog, const Module& module)
{
    return catalog.is_builtin(module) || init_state(module.name) == InitState::live;
}

std::vector<Module*> probe_list(Catalog& catalog, Module& module, bool ignore_command)
{
    catalog.clear_marks();
    ListBuilder builder(catalog);
    module.ignore_command = ignore_command;
    builder.visit(module, ListBuilder::Need::required);
    return builder.take();
}

Result<> probe_insert(Catalog& catalog, Module& module, const std::string& parameters, const ProbeOptions& options,
                      const ProbeReport& report)
{
    if (!options.ignore_loaded && in_kernel(catalog, module))
        return options.fail_on_loaded ? Result<>(fail(Errno::exist)) : Result<>();
    if ((!module.alias.empty() || options.apply_blacklist) && catalog.is_blacklisted(module))
        return {};
    return insert_listed(catalog, module, probe_list(catalog, module, options.ignore_command), parameters, options, report);
}

Result<> insert_listed(Catalog& catalog, const Module& module, const std::vector<Module*>& list, const std::string& parameters,
                       const ProbeOptions& options, const ProbeReport& report)
{
    for (Module* step : list) {
        const bool itself = step == &module;
        const auto result = insert_one(catalog, *step, itself ? parameters : std::string(), options, report);
        if (result)
            continue;
        // Somebody else may load it at the same time; only for the module itself this can count.
        const bool there_already = result.error() == Errno::exist;
        if (there_already ? itself && options.fail_on_loaded : step->required)
            return result;
    }
    return {};
}

}  // namespace tenon::tools
