#include "tools/lib/catalog.h"

#include <algorithm>
#include <array>
#include <sys/stat.h>

#include "tools/lib/file.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_name.h"

namespace tenon::tools {

namespace {

// As with kmod, a wildcard makes no name known.
bool any_names(const std::vector<ConfigCommand>& commands, const std::string& name)
{
    return std::any_of(commands.begin(), commands.end(), [&](const ConfigCommand& command) { return command.pattern == name; });
}

}  // namespace

const char* source_text(Source source)
{
    switch (source) {
    case Source::nowhere: return "nowhere";
    case Source::config_alias: return "an alias of the configuration";
    case Source::dependencies: return "modules.dep";
    case Source::symbols: return "modules.symbols";
    case Source::commands: return "an install or remove command of the configuration";
    case Source::module_aliases: return "modules.alias";
    case Source::builtin: return "modules.builtin";
    case Source::builtin_aliases: return "modules.builtin.modinfo";
    case Source::file: return "the file itself";
    }
    return "";
}

Result<Catalog::Found> Catalog::lookup(const std::string& given)
{
    const auto name = normalised_alias(given);
    if (!name) {
        message(Severity::debug, "invalid alias: %s", given.c_str());
        return fail(Errno::inval);
    }
    using Search = std::vector<Module*> (Catalog::*)(const std::string&);
    struct Step {
        Source source;
        Search search;
    };
    static constexpr std::array<Step, 4> first_steps = {{
        {Source::config_alias, &Catalog::in_config_aliases},
        {Source::dependencies, &Catalog::in_dependencies},
        {Source::symbols, &Catalog::in_symbols},
        {Source::commands, &Catalog::in_commands},
    }};
    for (const Step& step : first_steps)
        if (auto modules = (this->*step.search)(*name); !modules.empty())
            return Found{step.source, std::move(modules)};
    if (auto modules = matching(Index::aliases, *name); !modules.empty())
        return Found{Source::module_aliases, std::move(modules)};
    if (auto modules = in_builtin(*name); !modules.empty())
        return Found{Source::builtin, std::move(modules)};
    if (auto modules = matching(Index::builtin_aliases, *name); !modules.empty())
        return Found{Source::builtin_aliases, std::move(modules)};
    return Found{};
}

Result<Module*> Catalog::from_path(const std::string& path)
{
    const std::string absolute = absolute_path(path);
    struct stat status {};
    if (stat(absolute.c_str(), &status) != 0)
        return last_error();
    if (!module_extension(path))
        return fail(Errno::noent);
    Module* module = obtain(module_name_from_path(path), {});
    if (!module->path.empty() && module->path != absolute)
        message(Severity::debug, "%s stands in for %s", absolute.c_str(), module->path.c_str());
    module->path = absolute;
    return module;
}

Module* Catalog::obtain(const std::string& name, const std::string& alias)
{
    auto& slot = modules_[{name, alias}];
    if (!slot) {
        slot = std::make_unique<Module>();
        slot->name = name;
        slot->alias = alias;
        fill_from_dependencies(*slot);
    }
    return slot.get();
}

void Catalog::fill_from_dependencies(Module& module)
{
    auto entry = directory_.dependencies(module.name);
    if (!entry)
        return;
    module.path = std::move(entry->path);
    for (const std::string& path : entry->needed) {
        const std::string name = module_name_from_path(path);
        if (name != module.name)
            module.needed.push_back(obtain(name, {}));
    }
}

std::vector<Module*> Catalog::in_config_aliases(const std::string& name)
{
    std::vector<Module*> modules;
    for (const ConfigAlias& alias : config_.aliases)
        if (matches(alias.pattern, name))
            modules.push_back(obtain(alias.module, alias.pattern));
    return modules;
}

std::vector<Module*> Catalog::in_dependencies(const std::string& name)
{
    if (name.find(':') != std::string::npos || !directory_.dependencies(name))
        return {};
    return {obtain(name, {})};
}

std::vector<Module*> Catalog::in_symbols(const std::string& name)
{
    return name.starts_with(ModuleDirectory::symbol_prefix) ? matching(Index::symbols, name) : std::vector<Module*>();
}

std::vector<Module*> Catalog::in_commands(const std::string& name)
{
    const bool any = any_names(config_.install_commands, name) || any_names(config_.remove_commands, name);
    return any ? std::vector{obtain(name, {})} : std::vector<Module*>();
}

std::vector<Module*> Catalog::in_builtin(const std::string& name)
{
    return directory_.is_builtin(name) ? std::vector{obtain(name, {})} : std::vector<Module*>();
}

std::vector<Module*> Catalog::matching(Index index, const std::string& name)
{
    std::vector<Module*> modules;
    if (const IndexReader* reader = directory_.index(index))
        for (const IndexValue& value : reader->find_matching(name))
            modules.push_back(obtain(std::string(value.text), name));
    return modules;
}

const Catalog::Softdeps& Catalog::softdeps(const Module& module)
{
    const auto known = softdeps_.find(&module);
    return known != softdeps_.end() ? known->second : softdeps_.emplace(&module, find_softdeps(module)).first->second;
}

Catalog::Softdeps Catalog::find_softdeps(const Module& module)
{
    Softdeps result;
    for (const ConfigSoftdep& softdep : config_.softdeps) {
        if (!matches(softdep.pattern, module.name))
            continue;
        add_softdeps(result.before, softdep.before);
        add_softdeps(result.after, softdep.after);
    }
    return result;
}

void Catalog::add_softdeps(std::vector<Module*>& list, const std::vector<std::string>& names)
{
    for (const std::string& name : names) {
        const auto found = lookup(name);
        if (!found)
            message(Severity::error, "failed to lookup soft dependency '%s', continuing anyway.", name.c_str());
        else
            list.insert(list.end(), found->modules.begin(), found->modules.end());
    }
}

std::string Catalog::options(const Module& module) const
{
    std::string text;
    for (const ConfigOptions& options : config_.options) {
        if (options.module != module.name && (module.alias.empty() || options.module != module.alias))
            continue;
        if (!text.empty())
            text += ' ';
        text += options.text;
    }
    return text;
}

void Catalog::clear_marks()
{
    for (auto& [key, module] : modules_)
        module->visited = module->required = module->ignore_command = false;
}

}  // namespace tenon::tools
