#include "tools/lib/depmod/symbol_hash.h"

namespace tenon::tools {

u32 kmod_symbol_hash(std::string_view name)
{
    const auto pair_at = [&](std::size_t at) {
        return static_cast<u32>(static_cast<u8>(name[at])) | static_cast<u32>(static_cast<u8>(name[at + 1])) << 8;
    };
    const auto last_at = [&](std::size_t at) { return static_cast<u32>(static_cast<i32>(static_cast<i8>(name[at]))); };

    auto hash = static_cast<u32>(name.size());
    const std::size_t whole = name.size() / 4 * 4;
    for (std::size_t at = 0; at < whole; at += 4) {
        hash += pair_at(at);
        hash = (hash << 16) ^ (pair_at(at + 2) << 11) ^ hash;
        hash += hash >> 11;
    }
    switch (name.size() - whole) {
    case 3:
        hash += pair_at(whole);
        hash ^= hash << 16;
        hash ^= last_at(whole + 2) << 18;
        hash += hash >> 11;
        break;
    case 2:
        hash += pair_at(whole);
        hash ^= hash << 11;
        hash += hash >> 17;
        break;
    case 1:
        hash += last_at(whole);
        hash ^= hash << 10;
        hash += hash >> 1;
        break;
    default: break;
    }
    hash ^= hash << 3;
    hash += hash >> 5;
    hash ^= hash << 4;
    hash += hash >> 17;
    hash ^= hash << 25;
    hash += hash >> 6;
    return hash;
}

}  // namespace tenon::tools
