#include <optional>

#include "tools/lib/config.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_name.h"
#include "tools/lib/words.h"

namespace tenon::tools {

namespace {

const Origin kernel_command_line{"/proc/cmdline", 1};

std::string without_quotes(std::string_view text)
{
    std::string result(text);
    std::erase(result, '"');
    return result;
}

void add_parameter(Config& config, std::string_view module, const std::string& parameter)
{
    constexpr std::string_view blacklist = "blacklist=";
    if (module == "modprobe" && parameter.starts_with(blacklist)) {
        const std::string names = without_quotes(std::string_view(parameter).substr(blacklist.size()));
        for (const std::string_view name : split(names, ","))
            config.blacklists.push_back({normalised_name(name), kernel_command_line});
        return;
    }
    auto name = normalised_alias(module);
    if (!name) {
        message(Severity::error, "Ignoring bad option on kernel command line while parsing module name: '%.*s'",
                TENON_TEXT(module));
        return;
    }
    config.options.push_back({*std::move(name), parameter, kernel_command_line});
}

// `module.name` or `module.name=value`, where neither name holds a dot or a quote. The quotes may stand around the value or, then
// they are moved there, around the whole word.
void add_word(Config& config, std::string_view word)
{
    const bool quoted = word.size() >= 2 && word.front() == '"' && word.back() == '"';
    if (quoted)
        word = word.substr(1, word.size() - 2);
    constexpr std::string_view special = ".=\"";
    const auto dot = word.find_first_of(special);
    if (dot == std::string_view::npos || word[dot] != '.' || dot == 0)
        return;
    const std::string_view parameter = word.substr(dot + 1);
    const auto equals = parameter.find_first_of(special);
    if (equals == std::string_view::npos) {
        if (!quoted && !parameter.empty())
            add_parameter(config, word.substr(0, dot), std::string(parameter));
        return;
    }
    if (parameter[equals] != '=')
        return;
    std::string text(parameter);
    if (quoted)
        text = text.substr(0, equals + 1) + '"' + without_quotes(text.substr(equals + 1)) + '"';
    add_parameter(config, word.substr(0, dot), text);
}

// Cuts the next word off; blanks end a word unless they stand between quotes. A word whose quote stays open is empty.
std::string_view take_quoted_word(std::string_view& line)
{
    bool quoted = false;
    std::size_t end = 0;
    for (; end < line.size() && line[end] != '\n'; ++end) {
        if (line[end] == '"')
            quoted = !quoted;
        else if (!quoted && (line[end] == ' ' || line[end] == '\t'))
            break;
    }
    const std::string_view word = quoted ? std::string_view() : line.substr(0, end);
    line.remove_prefix(end < line.size() ? end + 1 : end);
    return word;
}

}  // namespace

void parse_kernel_command_line(Config& config, std::string_view line)
{
    while (!line.empty())
        add_word(config, take_quoted_word(line));
}

}  // namespace tenon::tools
