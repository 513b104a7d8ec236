// What of an address space is in memory, and what has to be: mlock(2), mincore(2), MAP_POPULATE. Nothing is ever taken out of memory
// behind a program's back, so a page is locked when it has been touched.

#include <algorithm>

#include "kernel/mm/address_space.h"
#include "kernel/mm/user_range.h"
#include "kernel/proc/credentials.h"

namespace tenon {

using arch::UserAccess;

u64 AddressSpace::locked_pages_locked(UserAddr start, UserAddr end) const
{
    u64 pages = 0;
    for (const MemoryRegion& region : regions_) {
        static_cast<void>(resched_point());
        const UserAddr from = std::max(start, region.start);
        const UserAddr to = std::min(end, region.end);
        if (region.is_locked && from < to)
            pages += (to - from) / page_size;
    }
    return pages;
}

Result<> AddressSpace::require_lockable_locked(u64 more_pages) const
{
    if (capable(Capability::ipc_lock))
        return {};
    const u64 most = lock_limit_.load(std::memory_order_relaxed) / page_size;
    const u64 pages = locked_pages_locked(UserAddr(0), UserAddr(layout::user_end));
    if (pages > most || more_pages > most - pages)
        return fail(Errno::again);
    return {};
}

Result<> AddressSpace::require_locking() const
{
    if (lock_limit_.load(std::memory_order_relaxed) == 0)
        return require(Capability::ipc_lock);
    return {};
}

Result<> AddressSpace::set_locked(UserAddr start, u64 size, Locked locked)
{
    const UserAddr end = TRY(user_range_end(start, size));
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    if (locked == Locked::yes && !require_lockable_locked(size / page_size - locked_pages_locked(start, end)))
        return fail(Errno::nomem);
    if (!regions_.covers(start, end))
        return fail(Errno::nomem);
    const BookedChange change(*this);
    return regions_.set_locked(start, end, locked == Locked::yes);
}

Result<> AddressSpace::set_all_locked(Locked now, Locked future)
{
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    if (now == Locked::yes && !capable(Capability::ipc_lock) &&
        regions_.pages() > lock_limit_.load(std::memory_order_relaxed) / page_size)
        return fail(Errno::nomem);
    locks_future_ = future == Locked::yes;
    const BookedChange change(*this);
    return regions_.set_locked(UserAddr(0), UserAddr(layout::user_end), now == Locked::yes);
}

Result<> AddressSpace::set_future_locked(Locked future)
{
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    locks_future_ = future == Locked::yes;
    return {};
}

Result<> AddressSpace::populate(UserAddr start, u64 size)
{
    for (UserAddr page = start; page - start < size; page = page + page_size) {
        TRY(resched_point());
        UserAccess access;
        {
            const auto guard = TRY(KillableLockGuard::take(mutex_));
            const MemoryRegion* const region = regions_.find(page);
            if (region == nullptr)
                return fail(Errno::fault);
            access = region->is_private_writable() ? UserAccess::write : UserAccess::read;
        }
        TRY(handle_fault(page, access));
    }
    return {};
}

Result<> AddressSpace::populate_locked_regions()
{
    for (UserAddr start(0);;) {
        UserAddr end;
        {
            const auto guard = TRY(KillableLockGuard::take(mutex_));
            const MemoryRegion* region = regions_.first_ending_above(start);
            if (region == nullptr)
                return {};
            start = region->start;
            end = region->is_locked ? region->end : region->start;
        }
        // Those that nobody may touch, and what ends before its mapping does, are no error here.
        if (end != start && populate(start, end - start) == fail(Errno::intr))
            return fail(Errno::intr);
        const auto guard = TRY(KillableLockGuard::take(mutex_));
        const MemoryRegion* region = regions_.first_ending_above(start);
        if (region == nullptr)
            return {};
        start = std::max(start, region->end);
    }
}

Result<> AddressSpace::find_resident(UserAddr start, std::span<u8> pages)
{
    const UserAddr end = start + pages.size() * page_size;
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    if (!regions_.covers(start, end))
        return fail(Errno::nomem);
    std::ranges::fill(pages, u8{0});
    for (auto page = page_table_.next_mapped(start, end); page; page = page_table_.next_mapped(*page + page_size, end)) {
        TRY(resched_point());
        pages[(*page - start) / page_size] = 1;
    }
    return {};
}

}  // namespace tenon
