#pragma once

#include <algorithm>

#include "kernel/lib/address.h"
#include "kernel/lib/checked.h"
#include "kernel/lib/result.h"
#include "kernel/mm/layout.h"

namespace tenon {

// Addresses that all lie in user space; whether anything is mapped there is another question. The copies of kernel/arch.h take
// nothing else, and nothing but the checks here makes one: an address that was not checked does not reach them.
class UserRange {
public:
    // Errno::fault when any of it lies outside.
    static Result<UserRange> check(UserAddr start, u64 size)
    {
        if (!range_fits(start.value(), size, layout::user_end))
            return fail(Errno::fault);
        return UserRange(start, size);
    }

    // From `start` on, as far as user space goes but at most `limit` bytes: for what tells by itself where it ends. Never empty
    // unless `limit` is 0; Errno::fault when not even the first byte lies inside.
    static Result<UserRange> check_start(UserAddr start, u64 limit)
    {
        if (start.value() >= layout::user_end)
            return fail(Errno::fault);
        return UserRange(start, std::min(limit, layout::user_end - start.value()));
    }

    UserAddr start() const { return start_; }
    u64 size() const { return size_; }

private:
    UserRange(UserAddr start, u64 size) : start_(start), size_(size) {}

    // The assembly that gets one by value knows this order.
    UserAddr start_;
    u64 size_;
};

// The end of a range of addresses that a program names. Errno::nomem when it lies outside user space.
inline Result<UserAddr> user_range_end(UserAddr start, u64 size)
{
    if (!range_fits(start.value(), size, layout::user_end))
        return fail(Errno::nomem);
    return start + size;
}

}  // namespace tenon
