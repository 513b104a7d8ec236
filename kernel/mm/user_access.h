#pragma once

#include <span>
#include <string_view>
#include <type_traits>

#include "kernel/arch.h"
#include "kernel/lib/address.h"
#include "kernel/lib/result.h"
#include "kernel/mm/user_range.h"

// The only way to user memory. Every function fails with Errno::fault for an address that the process may not access, and
// may block (page faults are resolved).

namespace tenon::user {

inline Result<> copy_from(std::span<std::byte> out, UserAddr source)
{
    const auto range = UserRange::check(source, out.size());
    if (!range || arch::copy_from_user(out.data(), *range) != 0)
        return fail(Errno::fault);
    return {};
}

// Bytes that are the user's to see, whatever they mean: a file's content, text, records that were made of bytes. Objects go
// through store and store_all.
inline Result<> copy_to(UserAddr destination, std::span<const std::byte> data)
{
    const auto range = UserRange::check(destination, data.size());
    if (!range || arch::copy_to_user(*range, data.data()) != 0)
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

// What may be copied out as it stands: every byte belongs to a value, so none is left from what the memory held before. A layout
// that has holes gives them names and sets them.
template <typename T>
concept Exportable = std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T> && !std::is_pointer_v<T>;

template <Exportable T>
Result<> store(UserPtr<T> pointer, const std::type_identity_t<T>& value)
{
    return copy_to(pointer.address(), std::as_bytes(std::span(&value, 1)));
}

// All of them, one after the other.
template <Exportable T>
Result<> store_all(UserAddr destination, std::span<const T> values)
{
    return copy_to(destination, std::as_bytes(values));
}

Result<> clear(UserAddr destination, usize size);

// Copies up to the first NUL, reading each byte once: what another thread writes meanwhile cannot put a NUL into the middle. Returns
// the string without its NUL, which follows it in `out`. Errno::nametoolong when `out` has no room for it.
Result<std::string_view> copy_string(std::span<char> out, UserPtr<const char> string);
// The same, but what does not fit is left out.
Result<std::string_view> copy_string_start(std::span<char> out, UserPtr<const char> string);

}  // namespace tenon::user
