#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Cutting text into words.

namespace tenon::tools {

// The non-empty parts between characters of `separators`.
inline std::vector<std::string_view> split(std::string_view text, std::string_view separators)
{
    std::vector<std::string_view> words;
    while (true) {
        const auto start = text.find_first_not_of(separators);
        if (start == std::string_view::npos)
            return words;
        text.remove_prefix(start);
        const std::string_view word = text.substr(0, text.find_first_of(separators));
        words.push_back(word);
        text.remove_prefix(word.size());
    }
}

// The first word of `text`, which is cut off together with the one separator behind it. Empty when there is none.
inline std::string_view take_word(std::string_view& text, std::string_view separators)
{
    const auto start = text.find_first_not_of(separators);
    text.remove_prefix(start == std::string_view::npos ? text.size() : start);
    const std::string_view word = text.substr(0, text.find_first_of(separators));
    text.remove_prefix(word.size() < text.size() ? word.size() + 1 : word.size());
    return word;
}

template <typename Strings>
std::string joined(const Strings& parts, std::string_view separator)
{
    std::string text;
    for (const auto& part : parts) {
        if (!text.empty())
            text += separator;
        text += part;
    }
    return text;
}

// The whole of `text` as a number.
template <typename Number>
std::optional<Number> parse_number(std::string_view text, int base = 10)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

}  // namespace tenon::tools
