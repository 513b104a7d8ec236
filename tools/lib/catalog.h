#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernel/lib/result.h"
#include "tools/lib/config.h"
#include "tools/lib/module_directory.h"

namespace tenon::tools {

// A module that a name led to. The same module found under two aliases is two of these: options may belong to an alias.
// Owned by the catalog.
struct Module {
    std::string name;
    std::string alias;  // empty when it was found by its name
    std::string path;   // empty when no file is known
    std::vector<Module*> needed;  // hard dependencies in load order

    // Marks of the probe list that is being built (tools/lib/probe.h).
    bool visited = false;
    bool required = false;
    bool ignore_command = false;
};

// Where a name was found.
enum class Source { nowhere, config_alias, dependencies, symbols, commands, module_aliases, builtin, builtin_aliases, file };

const char* source_text(Source source);

// Answers what a name means, from the configuration and the indexes of a module folder.
class Catalog {
public:
    // Both must outlive the catalog.
    Catalog(const ModuleDirectory& directory, const Config& config) : directory_(directory), config_(config) {}
    Catalog(const Catalog&) = delete;
    Catalog& operator=(const Catalog&) = delete;

    struct Found {
        Source source = Source::nowhere;
        std::vector<Module*> modules;
    };
    // `Errno::inval` for a name with an open bracket.
    Result<Found> lookup(const std::string& name);

    // The module of a name, with its file and dependencies if the folder knows them, as found by `alias` or, if that is empty, by its name.
    Module& module(const std::string& name, const std::string& alias) { return *obtain(name, alias); }

    // The module in the file at `path`, with the dependencies that the folder knows for its name.
    Result<Module*> from_path(const std::string& path);

    // Soft dependencies, those of several lines together. One that cannot be looked up is reported, once.
    struct Softdeps {
        std::vector<Module*> before;
        std::vector<Module*> after;
    };
    const Softdeps& softdeps(const Module& module);

    // What the configuration has for a module, joined by blanks.
    std::string options(const Module& module) const;

    bool is_builtin(const Module& module) const { return directory_.is_builtin(module.name); }
    bool is_blacklisted(const Module& module) const { return config_.is_blacklisted(module.name); }

    void clear_marks();

    const ModuleDirectory& directory() const { return directory_; }
    const Config& config() const { return config_; }

private:
    Module* obtain(const std::string& name, const std::string& alias);
    void fill_from_dependencies(Module& module);
    std::vector<Module*> in_config_aliases(const std::string& name);
    std::vector<Module*> in_dependencies(const std::string& name);
    std::vector<Module*> in_symbols(const std::string& name);
    std::vector<Module*> in_commands(const std::string& name);
    std::vector<Module*> in_builtin(const std::string& name);
    std::vector<Module*> matching(Index index, const std::string& name);
    void add_softdeps(std::vector<Module*>& list, const std::vector<std::string>& names);
    Softdeps find_softdeps(const Module& module);

    const ModuleDirectory& directory_;
    const Config& config_;
    std::map<std::pair<std::string, std::string>, std::unique_ptr<Module>> modules_;  // by name and alias
    std::map<const Module*, Softdeps> softdeps_;
};

}  // namespace tenon::tools
