#pragma once

#include <array>

#include "kernel/lib/address.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

// System calls of arm64 Linux (include/uapi/asm-generic/unistd.h numbers). Each family stands in one file of this folder and
// registers its handlers in table.cpp.

namespace tenon::syscall {

struct Arguments {
    std::array<u64, 6> values;

    u64 operator[](usize index) const { return values[index]; }
    int as_int(usize index) const { return static_cast<int>(values[index]); }
    u32 as_u32(usize index) const { return static_cast<u32>(values[index]); }
    UserAddr address(usize index) const { return UserAddr(values[index]); }
    template <typename T>
    UserPtr<T> pointer(usize index) const
    {
        return UserPtr<T>(values[index]);
    }
};

using Handler = Result<u64> (*)(const Arguments& arguments);

constexpr usize table_size = 512;
extern const std::array<Handler, table_size> table;

// Null for a number that is not implemented (ENOSYS).
inline Handler find_handler(u64 number)
{
    return number < table_size ? table[number] : nullptr;
}

}  // namespace tenon::syscall
