#pragma once

#include "kernel/lib/types.h"

// Shadow memory as -fsanitize=kernel-address and -fasan-shadow-offset (mk/kernel.mk) expect it: the byte for eight bytes at A stands at
// A / 8 + offset. 0: all eight may be used; 1 to 7: so many of them; negative: none.

namespace tenon::shadow {

constexpr u64 kept_from = 0xffff'0000'0000'0000;  // the kernel's half of the addresses
constexpr u64 memory_base = 0xffff'4000'0000'0000;
constexpr u64 memory_size = 0x0000'2000'0000'0000;
constexpr u64 memory_offset = memory_base - (kept_from >> 3);

inline i8* shadow_of(u64 address)
{
    return reinterpret_cast<i8*>((address >> 3) + memory_offset);
}

}  // namespace tenon::shadow
