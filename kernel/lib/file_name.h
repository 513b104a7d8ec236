#pragma once

#include <algorithm>
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
    return std::none_of(name.begin(), name.end(), [](char c) { return static_cast<u8>(c) < 0x20 || c == 0x7f || c == '/'; });
}

}  // namespace tenon
