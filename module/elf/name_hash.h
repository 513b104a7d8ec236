#pragma once

#include <string_view>

#include "kernel/lib/types.h"

namespace tenon::elf {

// The hash of a symbol name that every symbol table of the project uses: the function of DT_GNU_HASH, h = 33 h + c from 5381.
constexpr u32 name_hash(std::string_view name)
{
    u32 hash = 5381;
    for (const char c : name)
        hash = hash * 33 + static_cast<u8>(c);
    return hash;
}

// A name with its hash, found in one walk over a NUL-terminated string.
struct HashedName {
    std::string_view name;
    u32 hash;
};

constexpr HashedName hashed_name(const char* terminated)
{
    u32 hash = 5381;
    const char* end = terminated;
    for (; *end != '\0'; ++end)
        hash = hash * 33 + static_cast<u8>(*end);
    return {std::string_view(terminated, static_cast<usize>(end - terminated)), hash};
}

}  // namespace tenon::elf
