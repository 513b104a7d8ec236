#include "module/registry/argument_parser.h"

#include <algorithm>

#include "kernel/lib/types.h"

namespace tenon::modreg {
namespace {

bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// Without one quote at each end that has one.
std::string_view unquoted(std::string_view text)
{
    if (!text.starts_with('"'))
        return text;
    text.remove_prefix(1);
    if (text.ends_with('"'))
        text.remove_suffix(1);
    return text;
}

}  // namespace

std::optional<Argument> ArgumentParser::next()
{
    const auto start = std::find_if_not(rest_.begin(), rest_.end(), is_blank);
    rest_.remove_prefix(static_cast<usize>(start - rest_.begin()));
    if (rest_.empty())
        return std::nullopt;

    // A quote in front of everything covers the name too.
    const bool whole = rest_.front() == '"';
    bool in_quotes = false;
    usize equals = std::string_view::npos;
    usize end = 0;
    for (; end < rest_.size() && (in_quotes || !is_blank(rest_[end])); ++end) {
        if (rest_[end] == '=' && equals == std::string_view::npos && (!in_quotes || whole))
            equals = end;
        if (rest_[end] == '"')
            in_quotes = !in_quotes;
    }
    std::string_view token = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (whole) {
        token = unquoted(token);
        equals = equals == std::string_view::npos ? equals : equals - 1;
    }
    if (equals == std::string_view::npos || equals >= token.size())
        return Argument{token, std::nullopt};
    return Argument{token.substr(0, equals), unquoted(token.substr(equals + 1))};
}

bool same_parameter(std::string_view left, std::string_view right)
{
    const auto plain = [](char c) { return c == '-' ? '_' : c; };
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [&](char a, char b) { return plain(a) == plain(b); });
}

}  // namespace tenon::modreg
