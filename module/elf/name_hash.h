#pragma once

#include <optional>
#include <string_view>

#include "kernel/lib/types.h"

namespace tenon::elf {

// The hash of a symbol name that every symbol table of the project uses: the function of DT_GNU_HASH, h = 33 h + c from 5381.
inline constexpr u32 empty_name_hash = 5381;

// Adds characters to `hash` up to the first place that `is_end`, and returns that.
template <typename IsEnd>
constexpr const char* add_to_name_hash(u32& hash, const char* at, IsEnd&& is_end)
{
    for (; !is_end(at); ++at)
        hash = hash * 33 + static_cast<u8>(*at);
    return at;
}

constexpr u32 name_hash(std::string_view name)
{
    u32 hash = empty_name_hash;
    add_to_name_hash(hash, name.data(), [end = name.data() + name.size()](const char* at) { return at == end; });
    return hash;
}

// Names beyond this are refused: what a compiler makes stays far below, and a walk over one is short.
inline constexpr usize longest_name = 64 * 1024;

// A name with its hash.
struct HashedName {
    std::string_view name;
    u32 hash;
};

// Found in one walk over a text that is known to end.
constexpr HashedName hashed_name(const char* terminated)
{
    u32 hash = empty_name_hash;
    const char* const end = add_to_name_hash(hash, terminated, [](const char* at) { return *at == '\0'; });
    return {std::string_view(terminated, static_cast<usize>(end - terminated)), hash};
}

// The same for any bytes; nothing when no NUL stands among the first `room`.
constexpr std::optional<HashedName> hashed_name(const char* start, usize room)
{
    u32 hash = empty_name_hash;
    const char* const limit = start + room;
    const char* const end = add_to_name_hash(hash, start, [&](const char* at) { return at == limit || *at == '\0'; });
    if (end == limit)
        return std::nullopt;
    return HashedName{std::string_view(start, static_cast<usize>(end - start)), hash};
}

}  // namespace tenon::elf
