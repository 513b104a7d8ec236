#pragma once

#include <span>
#include <type_traits>

#include "kernel/arch.h"
#include "kernel/lib/address.h"
#include "kernel/lib/checked.h"
#include "kernel/lib/result.h"
#include "kernel/mm/layout.h"

// The only way to user memory. Every function fails with Errno::fault for an address that the process may not access, and
// may block (page faults are resolved).

namespace tenon::user {

inline bool range_valid(UserAddr start, u64 size)
{
    return range_fits(start.value(), size, layout::user_end);
}

inline Result<> copy_from(std::span<std::byte> out, UserAddr source)
{
    if (!range_valid(source, out.size()) || arch::copy_from_user_raw(out.data(), source, out.size()) != 0)
        return fail(Errno::fault);
    return {};
}

inline Result<> copy_to(UserAddr destination, std::span<const std::byte> data)
{
    if (!range_valid(destination, data.size()) || arch::copy_to_user_raw(destination, data.data(), data.size()) != 0)
        return fail(Errno::fault);
    return {};
}

template <typename T>
    requires std::is_trivially_copyable_v<T>
Result<T> load(UserPtr<T> pointer)
{
    T value;
    TRY(copy_from(std::as_writable_bytes(std::span(&value, 1)), pointer.address()));
    return value;
}

template <typename T>
    requires std::is_trivially_copyable_v<T>
Result<> store(UserPtr<T> pointer, const std::type_identity_t<T>& value)
{
    return copy_to(pointer.address(), std::as_bytes(std::span(&value, 1)));
}

Result<> clear(UserAddr destination, usize size);

// The string without its NUL, copied into `out`. Errno::nametoolong when it does not fit with room for the NUL.
Result<std::string_view> copy_string(std::span<char> out, UserPtr<const char> string);

}  // namespace tenon::user
