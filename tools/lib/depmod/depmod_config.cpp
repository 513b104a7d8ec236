#include "tools/lib/depmod/depmod_config.h"

#include <algorithm>
#include <regex.h>

#include "tools/lib/config_lines.h"
#include "tools/lib/messages.h"
#include "tools/lib/words.h"

namespace tenon::tools {

namespace {

constexpr std::string_view blanks = " \t";

bool is_below(std::string_view path, const std::string& folder)
{
    return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

// `*` or a POSIX regular expression.
bool release_matches(const std::string& pattern, const std::string& release)
{
    if (pattern == "*")
        return true;
    regex_t expression;
    if (regcomp(&expression, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    const bool match = regexec(&expression, release.c_str(), 0, nullptr, 0) == 0;
    regfree(&expression);
    return match;
}

void parse_search(DepmodConfig& config, std::string_view rest, const std::string& directory)
{
    for (const std::string_view word : split(rest, blanks)) {
        if (word == "built-in")
            config.searches.push_back({DepmodConfig::SearchKind::built_in, {}});
        else if (word == "external")
            config.searches.push_back({DepmodConfig::SearchKind::external, {}});
        else
            config.searches.push_back({DepmodConfig::SearchKind::folder, directory + "/" + std::string(word)});
    }
}

}  // namespace

void parse_depmod_config(DepmodConfig& config, std::string_view text, const std::string& file_name,
                         const std::string& directory, const std::string& release)
{
    ConfigLines lines(text);
    while (const auto line = lines.next()) {
        std::string_view rest = *line;
        const std::string_view command = take_word(rest, blanks);
        const auto words = split(rest, blanks);
        if (command == "search") {
            parse_search(config, rest, directory);
        } else if (command == "override" && words.size() >= 3) {
            if (release_matches(std::string(words[1]), release))
                config.overrides.push_back(directory + "/" + std::string(words[2]) + "/" + std::string(words[0]));
            else
                message(Severity::info, "%s:%u: override kernel did not match %.*s", file_name.c_str(), lines.number(),
                        TENON_TEXT(words[1]));
        } else if (command == "external" && words.size() >= 2) {
            if (release_matches(std::string(words[0]), release))
                config.externals.insert(config.externals.end(), words.begin() + 1, words.end());
            else
                message(Severity::info, "%s:%u: external directory did not match %.*s", file_name.c_str(), lines.number(),
                        TENON_TEXT(words[0]));
        } else if (command == "exclude") {
            config.excludes.insert(config.excludes.end(), words.begin(), words.end());
        } else if (command == "include" || command == "make_map_files") {
            message(Severity::info, "%s:%u: command %.*s not implemented yet", file_name.c_str(), lines.number(),
                    TENON_TEXT(command));
        } else {
            message(Severity::error, "%s:%u: ignoring bad line starting with '%.*s'", file_name.c_str(), lines.number(),
                    TENON_TEXT(command));
        }
    }
}

void add_default_searches(DepmodConfig& config, const std::string& directory)
{
    if (config.searches.empty())
        parse_search(config, "updates built-in", directory);
}

std::size_t DepmodConfig::rank_of(std::string_view path) const
{
    constexpr std::size_t unranked = ~std::size_t{0};
    std::size_t built_in = unranked;
    std::size_t rank = unranked;
    std::size_t number = 0;
    for (const Search& search : searches) {
        if (search.kind == SearchKind::external) {
            for (const std::string& external : externals) {
                if (rank == unranked && is_below(path, external))
                    rank = number;
                ++number;
            }
            continue;
        }
        if (search.kind == SearchKind::built_in)
            built_in = std::min(built_in, number);
        else if (rank == unranked && is_below(path, search.path))
            rank = number;
        ++number;
    }
    // Without `built-in`, what no folder holds comes last.
    if (rank == unranked)
        rank = built_in == unranked ? unranked - 1 : built_in;
    return rank;
}

bool DepmodConfig::prefers(std::string_view newer, std::string_view older) const
{
    const std::size_t newer_rank = rank_of(newer);
    const std::size_t older_rank = rank_of(older);
    if (newer_rank != older_rank)
        return newer_rank < older_rank;
    // Of two below one folder kmod takes the later, unless `built-in` stands before that folder.
    const bool in_folder = std::any_of(searches.begin(), searches.end(), [&](const Search& search) {
        return search.kind == SearchKind::folder && is_below(newer, search.path);
    });
    const std::size_t built_in = rank_of("");
    return in_folder && newer_rank < built_in;
}

}  // namespace tenon::tools
