#pragma once

#include <optional>
#include <string_view>

namespace tenon {

// The first line of a script: `#!interpreter [argument]`; the argument is the rest of the line. Pure.
struct ScriptLine {
    std::string_view interpreter;
    std::string_view argument;  // empty: none

    // Empty when `start` (the first bytes of the file) is no script. An interpreter name cut off by the end of `start`
    // makes it none too.
    static std::optional<ScriptLine> parse(std::string_view start, bool whole_file);
};

}  // namespace tenon
