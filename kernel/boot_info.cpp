#include "kernel/boot_info.h"

#include <algorithm>

namespace tenon {

void RangeList::subtract(PhysRange hole)
{
    RangeList result;
    for (const auto& range : all()) {
        if (hole.size() == 0 || hole.end <= range.start || hole.start >= range.end) {
            result.add(range);
            continue;
        }
        result.add({range.start, std::max(range.start, hole.start)});
        result.add({std::min(range.end, hole.end), range.end});
    }
    *this = result;
}

namespace {

// Takes the next word off `line`; blanks inside double quotes belong to the word.
std::string_view next_word(std::string_view& line)
{
    line.remove_prefix(std::min(line.find_first_not_of(" \t\n"), line.size()));
    bool quoted = false;
    usize length = 0;
    for (; length < line.size(); ++length) {
        const char character = line[length];
        if (character == '"')
            quoted = !quoted;
        else if (!quoted && (character == ' ' || character == '\t' || character == '\n'))
            break;
    }
    const auto word = line.substr(0, length);
    line.remove_prefix(length);
    return word;
}

std::string_view without_quotes(std::string_view value)
{
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        return value.substr(1, value.size() - 2);
    return value;
}

}  // namespace

std::optional<std::string_view> boot_argument(std::string_view name)
{
    std::optional<std::string_view> result;
    std::string_view line = boot_info().command_line.view();
    for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
        if (word == "--")
            break;
        if (word == name)
            result = std::string_view{};
        else if (word.size() > name.size() && word.starts_with(name) && word[name.size()] == '=')
            result = without_quotes(word.substr(name.size() + 1));
    }
    return result;
}

}  // namespace tenon
