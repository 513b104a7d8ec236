// mremap(2).

#include <algorithm>

#include "kernel/mm/address_space.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/mm/user_layout.h"
#include "kernel/mm/user_range.h"

namespace tenon {

Result<UserAddr> AddressSpace::remap(const RemapRequest& request)
{
    const auto old_end = TRY(user_range_end(request.old_start, request.old_size));
    RegionSet removed;
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    const BookedChange change(*this);
    const MemoryRegion* region = regions_.find(request.old_start);
    if (region == nullptr || region->end < old_end)
        return fail(Errno::fault);
    if (request.new_size > request.old_size || request.keeps_old) {
        const u64 growth = request.keeps_old ? request.new_size : request.new_size - request.old_size;
        if (region->is_private_writable() && !memory_limits::is_plausible(request.new_size / page_size))
            return fail(Errno::nomem);
        TRY(require_room_locked(growth, region->is_private_writable()));
        if (region->is_locked)
            TRY(require_lockable_locked(growth / page_size));
    }
    if (!request.target && !request.keeps_old) {
        const auto in_place = remap_in_place_locked(*region, request, removed);
        if (in_place || !request.may_move || in_place.error() != Errno::nomem)
            return in_place;
    }
    return move_locked(*region, request, removed);
}

Result<UserAddr> AddressSpace::remap_in_place_locked(const MemoryRegion& region, const RemapRequest& request, RegionSet& removed)
{
    const UserAddr start = request.old_start;
    const UserAddr old_end = start + request.old_size;
    if (request.new_size <= request.old_size) {
        TRY(regions_.remove(start + request.new_size, old_end, removed));
        unmap_pages_locked(start + request.new_size, old_end);
        return start;
    }
    const auto new_end = user_range_end(start, request.new_size);
    if (!new_end || region.end != old_end || !regions_.is_free(old_end, *new_end))
        return fail(Errno::nomem);
    MemoryRegion growth(region);
    growth.start = old_end;
    growth.end = *new_end;
    growth.source_page = region.source ? region.source_index(old_end) : 0;
    TRY(regions_.insert(growth));
    return start;
}

// Where it goes; what was there is gone.
Result<UserAddr> AddressSpace::target_locked(const RemapRequest& request, RegionSet& removed)
{
    if (!request.target) {
        const auto found = regions_.find_free(request.new_size, user_layout::lowest, placement_.map_top);
        if (!found)
            return fail(Errno::nomem);
        return *found;
    }
    const auto end = user_range_end(*request.target, request.new_size);
    const bool overlaps = end && *request.target < request.old_start + request.old_size && request.old_start < *end;
    if (!end || overlaps)
        return fail(Errno::inval);
    if (*request.target < user_layout::lowest)
        return fail(Errno::perm);
    TRY(regions_.remove(*request.target, *end, removed));
    unmap_pages_locked(*request.target, *end);
    return *request.target;
}

Result<UserAddr> AddressSpace::move_locked(const MemoryRegion& region, const RemapRequest& request, RegionSet& removed)
{
    MemoryRegion moved(region);
    moved.source_page = region.source ? region.source_index(request.old_start) : 0;
    const UserAddr target = TRY(target_locked(request, removed));
    moved.start = target;
    moved.end = target + request.new_size;
    TRY(regions_.insert(moved));
    const UserAddr start = request.old_start;
    const UserAddr old_end = start + request.old_size;
    const UserAddr moved_end = start + std::min(request.old_size, request.new_size);
    auto page = page_table_.next_mapped(start, moved_end);
    for (; page; page = page_table_.next_mapped(*page + page_size, moved_end)) {
        const auto mapping = *page_table_.find(*page);
        if (!resched_point() || !page_table_.map(target + (*page - start), mapping.frame, mapping.access))
            break;
        frames::acquire(mapping.frame);
        resident_pages_.fetch_add(1, std::memory_order_relaxed);
    }
    Result<> left = fail(Errno::nomem);  // no memory, or the process ends
    if (!page)
        left = request.keeps_old ? regions_.set_locked(start, old_end, false) : regions_.remove(start, old_end, removed);
    if (left) {
        unmap_pages_locked(start, old_end);
    } else {  // all stays where it was; without memory for the split an empty mapping may stay, too
        static_cast<void>(regions_.remove(target, moved.end, removed));
        unmap_pages_locked(target, moved.end);
    }
    TRY(left);
    return target;
}

}  // namespace tenon
