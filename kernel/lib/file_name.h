#pragma once

#include <string_view>

#include "kernel/lib/types.h"

namespace tenon {

// Whether `name`, which somebody else has chosen, may stand in a directory as it is: 1 to 255 bytes, not "." or "..", no slash, no
// control character.
constexpr bool is_file_name(std::string_view name)
{
    constexpr usize longest = 255;
    if (name.empty() || name.size() > longest || name == "." || name == "..")
        return false;
    for (const char c : name)
        if (static_cast<u8>(c) < 0x20 || c == 0x7f || c == '/')
            return false;
    return true;
}

}  // namespace tenon
