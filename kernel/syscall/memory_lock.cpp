#include <array>

#include "kernel/lib/checked.h"
#include "kernel/mm/address_space.h"
#include "kernel/mm/user_access.h"
#include "kernel/mm/user_range.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/memory.h"

// What of a program's memory has to be, or is, in memory.

namespace tenon::syscall {

namespace {

using Locked = AddressSpace::Locked;

AddressSpace& memory()
{
    return *current_process().memory;
}

struct PageRange {
    UserAddr start;
    u64 size = 0;
};

// The pages that the bytes touch. Errno::inval when they wrap around.
Result<PageRange> touched_pages(u64 start, u64 size)
{
    const u64 first = align_down(start, page_size);
    const auto end = checked_add(start, size);
    const auto rounded = end ? checked_align_up(*end, page_size) : std::nullopt;
    if (!rounded)
        return fail(Errno::inval);
    return PageRange{.start = UserAddr(first), .size = *rounded - first};
}

// Errno::nomem for what cannot be touched, again without memory.
Result<u64> lock_range(u64 start, u64 size, bool populates)
{
    TRY(memory().require_locking());
    const PageRange range = TRY(touched_pages(start, size));
    if (range.size == 0)
        return 0;
    TRY(memory().set_locked(range.start, range.size, Locked::yes));
    if (!populates)
        return 0;
    const Result<> present = memory().populate(range.start, range.size);
    if (!present)
        return fail(present.error() == Errno::nomem  ? Errno::again
                    : present.error() == Errno::intr ? Errno::intr
                                                     : Errno::nomem);
    return 0;
}

}  // namespace

Result<u64> sys_mlock(const Arguments& arguments)
{
    return lock_range(arguments[0], arguments[1], true);
}

Result<u64> sys_mlock2(const Arguments& arguments)
{
    constexpr u32 on_fault = 1;
    if ((arguments.as_u32(2) & ~on_fault) != 0)
        return fail(Errno::inval);
    return lock_range(arguments[0], arguments[1], (arguments.as_u32(2) & on_fault) == 0);
}

Result<u64> sys_munlock(const Arguments& arguments)
{
    const PageRange range = TRY(touched_pages(arguments[0], arguments[1]));
    if (range.size != 0)
        TRY(memory().set_locked(range.start, range.size, Locked::no));
    return 0;
}

Result<u64> sys_mlockall(const Arguments& arguments)
{
    enum Flag : u32 { current = 1, future = 2, on_fault = 4 };
    const u32 flags = arguments.as_u32(0);
    if (flags == 0 || flags == on_fault || (flags & ~(current | future | on_fault)) != 0)
        return fail(Errno::inval);
    TRY(memory().require_locking());
    const Locked later = (flags & future) != 0 ? Locked::yes : Locked::no;
    if ((flags & current) == 0) {
        TRY(memory().set_future_locked(later));
        return 0;
    }
    TRY(memory().set_all_locked(Locked::yes, later));
    if ((flags & on_fault) == 0)
        TRY(memory().populate_locked_regions());
    return 0;
}

Result<u64> sys_munlockall(const Arguments&)
{
    TRY(memory().set_all_locked(Locked::no, Locked::no));
    return 0;
}

Result<u64> sys_mincore(const Arguments& arguments)
{
    if (!is_aligned(arguments[0], page_size))
        return fail(Errno::inval);
    const auto size = checked_align_up(arguments[1], page_size);
    if (!size || !UserRange::check(arguments.address(0), *size))
        return fail(Errno::nomem);
    std::array<u8, 256> pages;
    for (u64 done = 0; done < *size / page_size;) {
        TRY(resched_point());
        const auto part = std::span(pages).first(std::min<u64>(pages.size(), *size / page_size - done));
        TRY(memory().find_resident(arguments.address(0) + done * page_size, part));
        TRY(user::copy_to(arguments.address(2) + done, std::as_bytes(part)));
        done += part.size();
    }
    return 0;
}

}  // namespace tenon::syscall
