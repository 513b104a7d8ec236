#pragma once

#include <string>
#include <string_view>
#include <vector>

// What modprobe.d(5), the kernel command line and modules.softdep say about modules: a list for each command, in the order in
// which the lines were read.

namespace tenon::tools {

// Where a line stood.
struct Origin {
    std::string file;
    unsigned line = 0;
};

struct ConfigAlias {
    std::string pattern;
    std::string module;
    Origin origin;
};

struct ConfigBlacklist {
    std::string module;
    Origin origin;
};

struct ConfigOptions {
    std::string module;
    std::string text;
    Origin origin;
};

// install or remove
struct ConfigCommand {
    std::string pattern;
    std::string command;
    Origin origin;
};

struct ConfigSoftdep {
    std::string pattern;
    std::vector<std::string> before;
    std::vector<std::string> after;
    Origin origin;
};

struct ConfigWeakdep {
    std::string pattern;
    std::vector<std::string> modules;
    Origin origin;
};

struct Config {
    std::vector<ConfigAlias> aliases;
    std::vector<ConfigBlacklist> blacklists;
    std::vector<ConfigOptions> options;
    std::vector<ConfigCommand> install_commands;
    std::vector<ConfigCommand> remove_commands;
    std::vector<ConfigSoftdep> softdeps;
    std::vector<ConfigWeakdep> weakdeps;

    bool is_blacklisted(std::string_view module) const;

    // The first command whose pattern matches; null when there is none.
    static const ConfigCommand* command_for(const std::vector<ConfigCommand>& commands, const std::string& module);
};

// Adds the lines of a modprobe.d file. A bad line is reported with its place and left out.
void parse_config(Config& config, std::string_view text, const std::string& file_name);

// Adds `module.parameter=value` and `modprobe.blacklist=a,b` of a kernel command line.
void parse_kernel_command_line(Config& config, std::string_view line);

// "pre: a b post: c", as the configuration dump shows it.
std::string softdep_text(const ConfigSoftdep& softdep);

}  // namespace tenon::tools
