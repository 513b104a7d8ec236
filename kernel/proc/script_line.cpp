#include "kernel/proc/script_line.h"

namespace tenon {

namespace {

constexpr std::string_view blanks = " \t";

std::string_view trim(std::string_view text)
{
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    const auto last = text.find_last_not_of(" \t\r");
    return last == std::string_view::npos || last < first ? std::string_view() : text.substr(first, last - first + 1);
}

}  // namespace

std::optional<ScriptLine> ScriptLine::parse(std::string_view start, bool whole_file)
{
    if (!start.starts_with("#!"))
        return std::nullopt;
    const auto newline = start.find('\n');
    const std::string_view line = trim(start.substr(2, newline == std::string_view::npos ? newline : newline - 2));
    const auto name_end = line.find_first_of(blanks);
    const bool line_complete = newline != std::string_view::npos || whole_file;
    if (line.empty() || (name_end == std::string_view::npos && !line_complete))
        return std::nullopt;
    ScriptLine result{.interpreter = line.substr(0, name_end), .argument = {}};
    if (name_end != std::string_view::npos)
        result.argument = trim(line.substr(name_end));
    return result;
}

}  // namespace tenon
