#include <optional>

#include "tools/lib/config.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_name.h"
#include "tools/lib/words.h"

namespace tenon::tools {

namespace {

const Origin kernel_command_line{"/proc/cmdline", 1};

void add_word(Config& config, std::string_view module, std::string_view parameter)
{
    constexpr std::string_view blacklist = "blacklist=";
    if (module == "modprobe" && parameter.starts_with(blacklist)) {
        for (const std::string_view name : split(parameter.substr(blacklist.size()), ","))
            config.blacklists.push_back({normalised_name(name), kernel_command_line});
        return;
    }
    auto name = normalised_alias(module);
    if (!name) {
        message(Severity::error, "Ignoring bad option on kernel command line while parsing module name: '%.*s'",
                TENON_TEXT(module));
        return;
    }
    config.options.push_back({*std::move(name), std::string(parameter), kernel_command_line});
}

// Blanks end a word unless they stand between quotes. A quote around the whole word is not part of it.
std::string_view take_quoted_word(std::string_view& line)
{
    const auto start = line.find_first_not_of(" \t\n");
    line.remove_prefix(start == std::string_view::npos ? line.size() : start);
    bool quoted = false;
    std::size_t end = 0;
    for (; end < line.size(); ++end) {
        if (line[end] == '"')
            quoted = !quoted;
        else if (line[end] == '\n' || (!quoted && (line[end] == ' ' || line[end] == '\t')))
            break;
    }
    std::string_view word = line.substr(0, end);
    line.remove_prefix(end);
    if (word.size() >= 2 && word.front() == '"' && word.back() == '"')
        word = word.substr(1, word.size() - 2);
    return word;
}

}  // namespace

// A word is for a module when its name up to the first dot has neither `=` nor a quote, and the parameter has a value.
void parse_kernel_command_line(Config& config, std::string_view line)
{
    while (true) {
        const std::string_view word = take_quoted_word(line);
        if (word.empty() && line.empty())
            return;
        const auto dot = word.find_first_of(".=\"");
        if (dot == std::string_view::npos || word[dot] != '.' || dot == 0)
            continue;
        const std::string_view parameter = word.substr(dot + 1);
        if (parameter.find('=') != std::string_view::npos)
            add_word(config, word.substr(0, dot), parameter);
    }
}

}  // namespace tenon::tools
