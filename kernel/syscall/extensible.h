#pragma once

#include <algorithm>
#include <span>

#include "kernel/mm/user_access.h"
#include <tenon/page.h>

// Structures that grow from one version of the interface to the next: the caller says how large its own is.

namespace tenon::syscall {

// What the caller leaves out reads as zeros. Errno::inval when its structure is smaller than the first version, too_big when it
// uses fields that are not known here, fault.
template <typename T>
Result<T> load_extensible(UserAddr address, u64 size, u64 first_size)
{
    if (size < first_size)
        return fail(Errno::inval);
    if (size > page_size)
        return fail(Errno::too_big);
    T loaded{};
    const u64 known = std::min<u64>(size, sizeof loaded);
    TRY(user::copy_from(std::as_writable_bytes(std::span(&loaded, 1)).first(known), address));
    for (u64 offset = known; offset < size; ++offset) {
        const u8 byte = TRY(user::load(UserPtr<u8>(address.value() + offset)));
        if (byte != 0)
            return fail(Errno::too_big);
    }
    return loaded;
}

}  // namespace tenon::syscall
