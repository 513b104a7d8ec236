#include "tools/lib/config.h"

#include <algorithm>
#include <array>

#include "tools/lib/config_lines.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_name.h"
#include "tools/lib/words.h"

namespace tenon::tools {

namespace {

constexpr std::string_view blanks = " \t";

// One line, taken apart from the left.
struct Line {
    std::string_view rest;
    Origin origin;

    // The next word as a name or wildcard; nothing when it is missing or has an open bracket.
    std::optional<std::string> take_name()
    {
        const std::string_view word = take_word(rest, blanks);
        return word.empty() ? std::nullopt : normalised_alias(word);
    }
};

using Parser = bool (*)(Config&, Line&);

bool parse_alias(Config& config, Line& line)
{
    auto pattern = line.take_name();
    auto module = line.take_name();
    if (!pattern || !module)
        return false;
    config.aliases.push_back({*std::move(pattern), *std::move(module), line.origin});
    return true;
}

bool parse_blacklist(Config& config, Line& line)
{
    auto module = line.take_name();
    if (!module)
        return false;
    config.blacklists.push_back({*std::move(module), line.origin});
    return true;
}

bool parse_options(Config& config, Line& line)
{
    auto module = line.take_name();
    if (!module || line.rest.empty())
        return false;
    std::string text(line.rest);
    std::replace(text.begin(), text.end(), '\t', ' ');
    config.options.push_back({*std::move(module), std::move(text), line.origin});
    return true;
}

bool parse_command(std::vector<ConfigCommand>& commands, Line& line)
{
    auto pattern = line.take_name();
    if (!pattern || line.rest.empty())
        return false;
    commands.push_back({*std::move(pattern), std::string(line.rest), line.origin});
    return true;
}

bool parse_install(Config& config, Line& line)
{
    return parse_command(config.install_commands, line);
}

bool parse_remove(Config& config, Line& line)
{
    return parse_command(config.remove_commands, line);
}

// Words before the first `pre:` or `post:` belong to neither list.
bool parse_softdep(Config& config, Line& line)
{
    auto pattern = line.take_name();
    if (!pattern || line.rest.empty())
        return false;
    ConfigSoftdep softdep{*std::move(pattern), {}, {}, line.origin};
    std::vector<std::string>* list = nullptr;
    for (const std::string_view word : split(line.rest, blanks)) {
        if (word == "pre:")
            list = &softdep.before;
        else if (word == "post:")
            list = &softdep.after;
        else if (list != nullptr)
            list->emplace_back(word);
    }
    config.softdeps.push_back(std::move(softdep));
    return true;
}

bool parse_weakdep(Config& config, Line& line)
{
    auto pattern = line.take_name();
    if (!pattern || line.rest.empty())
        return false;
    ConfigWeakdep weakdep{*std::move(pattern), {}, line.origin};
    for (const std::string_view word : split(line.rest, blanks))
        weakdep.modules.emplace_back(word);
    config.weakdeps.push_back(std::move(weakdep));
    return true;
}

struct Command {
    std::string_view word;
    Parser parse;
};

constexpr std::array<Command, 7> commands = {{
    {"alias", parse_alias},
    {"blacklist", parse_blacklist},
    {"options", parse_options},
    {"install", parse_install},
    {"remove", parse_remove},
    {"softdep", parse_softdep},
    {"weakdep", parse_weakdep},
}};

}  // namespace

void parse_config(Config& config, std::string_view text, const std::string& file_name)
{
    ConfigLines lines(text);
    while (const auto text_line = lines.next()) {
        Line line{*text_line, {file_name, lines.number()}};
        const std::string_view word = take_word(line.rest, blanks);
        if (word == "include" || word == "config") {
            message(Severity::error, "%s: command %.*s is deprecated and not parsed anymore", file_name.c_str(),
                    TENON_TEXT(word));
            continue;
        }
        const auto command = std::find_if(commands.begin(), commands.end(), [&](const Command& c) { return c.word == word; });
        if (command == commands.end() || !command->parse(config, line))
            message(Severity::error, "%s line %u: ignoring bad line starting with '%.*s'", file_name.c_str(),
                    lines.number(), TENON_TEXT(word));
    }
}

bool Config::is_blacklisted(std::string_view module) const
{
    return std::any_of(blacklists.begin(), blacklists.end(),
                       [&](const ConfigBlacklist& blacklist) { return blacklist.module == module; });
}

const ConfigCommand* Config::command_for(const std::vector<ConfigCommand>& commands, const std::string& module)
{
    const auto found = std::find_if(commands.begin(), commands.end(), [&](const ConfigCommand& command) {
        return matches(command.pattern, module);
    });
    return found == commands.end() ? nullptr : &*found;
}

std::string softdep_text(const ConfigSoftdep& softdep)
{
    std::vector<std::string> words;
    if (!softdep.before.empty()) {
        words.emplace_back("pre:");
        words.insert(words.end(), softdep.before.begin(), softdep.before.end());
    }
    if (!softdep.after.empty()) {
        words.emplace_back("post:");
        words.insert(words.end(), softdep.after.begin(), softdep.after.end());
    }
    return joined(words, " ");
}

}  // namespace tenon::tools
