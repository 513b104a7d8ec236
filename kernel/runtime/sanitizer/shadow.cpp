#include "kernel/runtime/shadow.h"

#include "kernel/runtime/sanitizer/report.h"
#include "kernel/runtime/sanitizer/shadow_memory.h"

// Not instrumented, like everything in this folder.

namespace tenon::shadow {

namespace {

constexpr u64 granule = 8;

bool reaches_bad_byte(u64 address, i8 value)
{
    return value != 0 && (value < 0 || static_cast<i8>(address % granule) >= value);
}

// The first byte of [start, start + size) that may not be used; `start + size` when all may.
u64 first_bad_byte(u64 start, usize size)
{
    const u64 end = start + size;
    for (u64 address = start; address < end;) {
        const i8 value = *shadow_of(address);
        if (value == 0) {
            address = (address / granule + 1) * granule;
            continue;
        }
        if (reaches_bad_byte(address, value))
            return address;
        ++address;
    }
    return end;
}

}  // namespace

void poison(const void* start, usize size, Mark mark)
{
    i8* const first = shadow_of(reinterpret_cast<u64>(start));
    for (usize i = 0; i < size / granule; ++i)
        first[i] = static_cast<i8>(mark);
}

void unpoison(const void* start, usize size)
{
    i8* const first = shadow_of(reinterpret_cast<u64>(start));
    for (usize i = 0; i < size / granule; ++i)
        first[i] = 0;
    if (size % granule != 0)
        first[size / granule] = static_cast<i8>(size % granule);
}

void check_access(u64 start, usize size, Access access, u64 caller)
{
    if (start < kept_from || size == 0)
        return;
    if (const u64 bad = first_bad_byte(start, size); bad != start + size)
        report_access({.start = start, .size = size, .bad = bad, .access = access, .mark = static_cast<u8>(*shadow_of(bad)), .caller = caller});
}

void check(const void* start, usize size, Access access)
{
    check_access(reinterpret_cast<u64>(start), size, access, reinterpret_cast<u64>(__builtin_return_address(0)));
}

}  // namespace tenon::shadow
