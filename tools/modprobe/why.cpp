#include <algorithm>
#include <cstdio>

#include "module/elf/metadata_view.h"
#include "tools/lib/kernel_modules.h"
#include "tools/lib/module_file.h"
#include "tools/lib/module_name.h"
#include "tools/lib/symbol_text.h"
#include "tools/lib/words.h"
#include "tools/modprobe/modprobe.h"

// modprobe --why: how a name becomes a list of modules, step by step, with the place that each step comes from.

namespace tenon::tools::modprobe {

namespace {

std::string place(const Origin& origin)
{
    return print("%s:%u", origin.file.c_str(), origin.line);
}

void explain_lookup(const std::string& name, const Catalog::Found& found, const Config& config)
{
    std::vector<std::string> names;
    for (const Module* module : found.modules)
        names.push_back(module->name);
    std::printf("%s: %s, found in %s\n", name.c_str(), joined(names, ", ").c_str(), source_text(found.source));
    const std::string normalised = normalised_alias(name).value_or(name);
    if (found.source == Source::config_alias)
        for (const ConfigAlias& alias : config.aliases)
            if (matches(alias.pattern, normalised))
                std::printf("  alias %s %s (%s)\n", alias.pattern.c_str(), alias.module.c_str(), place(alias.origin).c_str());
}

void explain_options(const Module& module, const Config& config, const Request& request)
{
    for (const ConfigOptions& options : config.options)
        if (options.module == module.name || (!module.alias.empty() && options.module == module.alias))
            std::printf("    options %s (%s)\n", options.text.c_str(), place(options.origin).c_str());
    if (const ConfigCommand* command = Config::command_for(config.install_commands, module.name))
        std::printf("    install command: %s (%s)\n", command->command.c_str(), place(command->origin).c_str());
    for (const ConfigBlacklist& blacklist : config.blacklists)
        if (blacklist.module == module.name)
            std::printf("    blacklisted (%s)%s\n", place(blacklist.origin).c_str(),
                        module.alias.empty() && !request.probe.apply_blacklist ? "; that counts only for aliases, or with -b" : "");
    for (const ConfigSoftdep& softdep : config.softdeps)
        if (!module.ignore_command && matches(softdep.pattern, module.name))
            std::printf("    softdep %s (%s)\n", softdep_text(softdep).c_str(), place(softdep.origin).c_str());
}

std::string state_text(const Catalog& catalog, const Module& module)
{
    if (catalog.is_builtin(module))
        return "built in";
    switch (init_state(module.name).value_or(InitState::going)) {
    case InitState::live: return "loaded";
    case InitState::coming: return "being loaded";
    case InitState::going: return init_state(module.name) ? "being removed" : "not loaded";
    }
    return {};
}

// The symbols that `user` takes from `provider`, as far as its file and modules.symbols tell.
std::vector<std::string> symbols_between(const Catalog& catalog, const Module& user, const Module& provider)
{
    std::vector<std::string> symbols;
    ModuleFile file;
    if (!file.open(user.path))
        return symbols;
    elf::MetadataView::Storage storage;
    if (const auto view = file.view(storage))
        view->for_each_undefined([&](const char* name, elf::SymbolBinding) {
            if (catalog.directory().provider_of(name) == provider.name)
                symbols.push_back(readable_symbol(name));
        });
    return symbols;
}

std::string some_of(const std::vector<std::string>& symbols)
{
    constexpr std::size_t shown = 3;
    std::string text = joined(std::vector(symbols.begin(), symbols.begin() + static_cast<long>(std::min(symbols.size(), shown))), ", ");
    if (symbols.size() > shown)
        text += print(" and %zu more", symbols.size() - shown);
    return text;
}

// Which of the listed modules need a symbol of `module`; modules.dep has also those that need it only through others.
std::vector<std::string> needs_of(const Catalog& catalog, const std::vector<Module*>& list, const Module& module)
{
    std::vector<std::string> direct;
    std::vector<std::string> indirect;
    for (const Module* other : list) {
        if (std::find(other->needed.begin(), other->needed.end(), &module) == other->needed.end())
            continue;
        const auto symbols = symbols_between(catalog, *other, module);
        if (symbols.empty())
            indirect.push_back("needed by " + other->name);
        else
            direct.push_back("needed by " + other->name + " for " + some_of(symbols));
    }
    return direct.empty() ? indirect : direct;
}

// Which of the listed modules want `module`, and how.
std::string reason_for(Catalog& catalog, const std::vector<Module*>& list, const Module& module, const Module& target)
{
    if (&module == &target)
        return "asked for";
    std::vector<std::string> reasons = needs_of(catalog, list, module);
    for (const Module* other : list) {
        const auto& softdeps = catalog.softdeps(*other);
        for (const Module* before : softdeps.before)
            if (before == &module)
                reasons.push_back("soft dependency before " + other->name);
        for (const Module* after : softdeps.after)
            if (after == &module)
                reasons.push_back("soft dependency after " + other->name);
    }
    return joined(reasons, ", ");
}

void explain_steps(Catalog& catalog, Module& target, const Request& request)
{
    if ((!target.alias.empty() || request.probe.apply_blacklist) && catalog.is_blacklisted(target)) {
        std::printf("  %s is blacklisted: nothing is loaded\n", target.name.c_str());
        explain_options(target, catalog.config(), request);
        return;
    }
    const auto list = probe_list(catalog, target, request.probe.ignore_command);
    unsigned number = 0;
    for (const Module* module : list) {
        std::printf("  %u. %s (%s; %s)\n", ++number, module->name.c_str(),
                    reason_for(catalog, list, *module, target).c_str(), state_text(catalog, *module).c_str());
        if (!module->path.empty())
            std::printf("    %s\n", module->path.c_str());
        explain_options(*module, catalog.config(), request);
    }
}

}  // namespace

bool explain_modules(const Request& request, Catalog& catalog)
{
    bool success = true;
    for (const std::string& name : request.arguments) {
        const auto found = find_modules(request, catalog, name);
        if (!found) {
            success = false;
            continue;
        }
        explain_lookup(name, *found, catalog.config());
        for (Module* module : found->modules)
            explain_steps(catalog, *module, request);
    }
    return success;
}

}  // namespace tenon::tools::modprobe
