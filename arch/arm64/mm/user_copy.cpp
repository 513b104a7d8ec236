#include "kernel/arch.h"

namespace tenon::arch {

extern "C" {
usize copy_from_user_asm(void* destination, u64 source, usize size);
usize copy_to_user_asm(u64 destination, const void* source, usize size);
usize clear_user_asm(u64 destination, usize size);
i64 user_string_length_asm(u64 string, usize limit);
}

usize copy_from_user_raw(void* destination, UserAddr source, usize size)
{
    return copy_from_user_asm(destination, source.value(), size);
}

usize copy_to_user_raw(UserAddr destination, const void* source, usize size)
{
    return copy_to_user_asm(destination.value(), source, size);
}

usize clear_user_raw(UserAddr destination, usize size)
{
    return clear_user_asm(destination.value(), size);
}

std::optional<usize> user_string_length_raw(UserAddr string, usize limit)
{
    const i64 length = user_string_length_asm(string.value(), limit);
    if (length < 0)
        return std::nullopt;
    return static_cast<usize>(length);
}

}  // namespace tenon::arch
