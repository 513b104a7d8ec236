#pragma once

#include <string_view>

#include "kernel/lib/types.h"

// Path names as text. Pure.

namespace tenon::path_text {

// The first component of a path and what follows it. `rest` starts with the next component; `ends` says that none follows, and
// `wants_directory` that a slash stands behind the component.
struct Head {
    std::string_view name;
    std::string_view rest;
    bool ends = true;
    bool wants_directory = false;
};

constexpr std::string_view skip_slashes(std::string_view path)
{
    const usize first = path.find_first_not_of('/');
    return first == std::string_view::npos ? std::string_view() : path.substr(first);
}

// `path` has no leading slash and is not empty.
constexpr Head split_first(std::string_view path)
{
    const usize slash = path.find('/');
    if (slash == std::string_view::npos)
        return {path, {}, true, false};
    const std::string_view rest = skip_slashes(path.substr(slash));
    return {path.substr(0, slash), rest, rest.empty(), true};
}

constexpr bool is_dots(std::string_view name)
{
    return name == "." || name == "..";
}

}  // namespace tenon::path_text
