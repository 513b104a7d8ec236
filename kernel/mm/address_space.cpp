#include "kernel/mm/address_space.h"

#include <algorithm>

#include "kernel/lib/checked.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/mm/trampoline_page.h"
#include "kernel/mm/user_layout.h"

namespace tenon {

using arch::UserAccess;

namespace {

// The end of a range that user space asked for, when it lies in user space.
Result<UserAddr> range_end(UserAddr start, u64 size)
{
    if (!range_fits(start.value(), size, layout::user_end))
        return fail(Errno::nomem);
    return start + size;
}

}  // namespace

Result<Ref<AddressSpace>> AddressSpace::create(const UserPlacement& placement)
{
    auto page_table = TRY(arch::UserPageTable::create());
    auto space = adopt_ref(new (std::nothrow) AddressSpace(std::move(page_table), placement));
    if (!space)
        return fail(Errno::nomem);
    MapRequest trampoline;
    trampoline.size = page_size;
    trampoline.access = UserAccess::read | UserAccess::execute;
    trampoline.source = TRY(trampoline_page());
    space->trampoline_ = TRY(space->map(trampoline));
    return space;
}

// Nobody runs in it any more: the tables go as a whole, so only the frames are given back here.
AddressSpace::~AddressSpace()
{
    const UserAddr end(layout::user_end);
    for (auto page = page_table_.next_mapped(UserAddr(0), end); page; page = page_table_.next_mapped(*page + page_size, end)) {
        static_cast<void>(resched_point());
        frames::release(page_table_.find(*page)->frame);
    }
}

Result<UserAddr> AddressSpace::place_locked(const MapRequest& request)
{
    const auto end = range_end(request.hint, request.size);
    if (request.placement != Placement::anywhere) {
        if (!end)
            return fail(end.error());
        if (request.hint < user_layout::lowest)
            return fail(Errno::perm);
        if (request.placement == Placement::fixed_no_replace && !regions_.is_free(request.hint, *end))
            return fail(Errno::exist);
        return request.hint;
    }
    if (end && request.hint >= user_layout::lowest && regions_.is_free(request.hint, *end))
        return request.hint;
    const auto found = regions_.find_free(request.size, user_layout::lowest, placement_.map_top);
    if (!found)
        return fail(Errno::nomem);
    return *found;
}

Result<> AddressSpace::require_room_locked(u64 size, bool is_data) const
{
    const auto fits = [](u64 used, u64 more, u64 limit) { return used <= limit && more <= limit - used; };
    if (!fits(regions_.pages() * page_size, size, size_limit_.load(std::memory_order_relaxed)))
        return fail(Errno::nomem);
    const u64 data_limit = data_limit_.load(std::memory_order_relaxed);
    if (!is_data || data_limit == ~u64{0})
        return {};
    u64 data = 0;
    for (const MemoryRegion& region : regions_) {
        TRY(resched_point());
        data += region.is_private_writable() && region.grows_down == GrowsDown::no ? region.size() : 0;
    }
    if (!fits(data, size, data_limit))
        return fail(Errno::nomem);
    return {};
}

Result<UserAddr> AddressSpace::map(const MapRequest& request)
{
    MemoryRegion region;
    region.access = request.access;
    region.may_access = request.may_access;
    region.sharing = request.sharing;
    region.grows_down = request.grows_down;
    region.source = request.source;
    region.source_page = request.source_page;
    if (region.is_private_writable() && !memory_limits::is_plausible(request.size / page_size))
        return fail(Errno::nomem);

    RegionSet removed;
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    TRY(require_room_locked(request.size, region.is_private_writable()));
    region.start = TRY(place_locked(request));
    region.end = region.start + request.size;
    if (request.placement == Placement::fixed) {
        TRY(regions_.remove(region.start, region.end, removed));
        unmap_pages_locked(region.start, region.end);
    }
    TRY(regions_.insert(region));
    book_regions_locked();
    return region.start;
}

Result<> AddressSpace::unmap(UserAddr start, u64 size)
{
    const auto end = TRY(range_end(start, size));
    RegionSet removed;
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    TRY(regions_.remove(start, end, removed));
    book_regions_locked();
    unmap_pages_locked(start, end);
    return {};
}

void AddressSpace::unmap_pages_locked(UserAddr start, UserAddr end)
{
    for (auto page = page_table_.next_mapped(start, end); page; page = page_table_.next_mapped(*page + page_size, end)) {
        static_cast<void>(resched_point());  // what is no region any more must go to its last page
        const PhysAddr frame = page_table_.find(*page)->frame;
        page_table_.unmap(*page);
        frames::release(frame);
        resident_pages_.fetch_sub(1, std::memory_order_relaxed);
    }
}

Result<> AddressSpace::protect(UserAddr start, u64 size, UserAccess access)
{
    const auto end = TRY(range_end(start, size));
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    if (!regions_.covers(start, end))
        return fail(Errno::nomem);
    TRY(memory_limits::require_user_page());  // for what is split
    TRY(regions_.protect(start, end, access));
    book_regions_locked();
    for (auto page = page_table_.next_mapped(start, end); page; page = page_table_.next_mapped(*page + page_size, end)) {
        static_cast<void>(resched_point());  // or the tables would allow what the regions do not
        const MemoryRegion& region = *regions_.find(*page);
        page_table_.protect(*page, page_access(region, page_table_.find(*page)->frame));
    }
    return {};
}

Result<> AddressSpace::discard(UserAddr start, u64 size)
{
    const auto end = TRY(range_end(start, size));
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    if (!regions_.covers(start, end))
        return fail(Errno::nomem);
    unmap_pages_locked(start, end);
    return {};
}

void AddressSpace::initialise_break(UserAddr program_end)
{
    LockGuard guard(mutex_);
    break_start_ = break_end_ = program_end + placement_.break_gap;
}

UserAddr AddressSpace::set_break(UserAddr wanted)
{
    RegionSet removed;
    LockGuard guard(mutex_);
    if (wanted < break_start_ || wanted >= placement_.map_top)
        return break_end_;
    const UserAddr old_top(align_up(break_end_.value(), page_size));
    const UserAddr new_top(align_up(wanted.value(), page_size));
    if (new_top > old_top) {
        MemoryRegion heap;
        heap.start = old_top;
        heap.end = new_top;
        heap.access = UserAccess::read | UserAccess::write;
        if (!regions_.is_free(old_top, new_top) || !memory_limits::is_plausible((new_top - break_start_) / page_size) ||
            !require_room_locked(new_top - old_top, true) || !regions_.insert(heap))
            return break_end_;
        book_regions_locked();
    } else if (new_top < old_top) {
        if (!regions_.remove(new_top, old_top, removed))
            return break_end_;
        unmap_pages_locked(new_top, old_top);
    }
    break_end_ = wanted;
    return break_end_;
}

Result<UserAddr> AddressSpace::remap(UserAddr old_start, u64 old_size, u64 new_size, MayMove may_move)
{
    const auto old_end = TRY(range_end(old_start, old_size));
    RegionSet removed;
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    const MemoryRegion* region = regions_.find(old_start);
    if (region == nullptr || region->end < old_end)
        return fail(Errno::fault);
    if (new_size <= old_size) {
        TRY(regions_.remove(old_start + new_size, old_end, removed));
        unmap_pages_locked(old_start + new_size, old_end);
        return old_start;
    }
    if (region->is_private_writable() && !memory_limits::is_plausible(new_size / page_size))
        return fail(Errno::nomem);
    TRY(require_room_locked(new_size - old_size, region->is_private_writable()));
    const auto new_end = range_end(old_start, new_size);
    if (new_end && region->end == old_end && regions_.is_free(old_end, *new_end)) {
        MemoryRegion growth(*region);
        growth.start = old_end;
        growth.end = *new_end;
        growth.source_page = region->source ? region->source_index(old_end) : 0;
        TRY(regions_.insert(growth));
        return old_start;
    }
    if (may_move == MayMove::no)
        return fail(Errno::nomem);
    return move_locked(*region, old_start, old_size, new_size, removed);
}

Result<UserAddr> AddressSpace::move_locked(const MemoryRegion& region, UserAddr old_start, u64 old_size, u64 new_size,
                                           RegionSet& removed)
{
    const auto target = regions_.find_free(new_size, user_layout::lowest, placement_.map_top);
    if (!target)
        return fail(Errno::nomem);
    MemoryRegion moved(region);
    moved.source_page = region.source ? region.source_index(old_start) : 0;
    moved.start = *target;
    moved.end = *target + new_size;
    TRY(regions_.insert(moved));
    const UserAddr old_end = old_start + old_size;
    auto page = page_table_.next_mapped(old_start, old_end);
    for (; page; page = page_table_.next_mapped(*page + page_size, old_end)) {
        const auto mapping = *page_table_.find(*page);
        if (!resched_point() || !page_table_.map(*target + (*page - old_start), mapping.frame, mapping.access))
            break;
        frames::acquire(mapping.frame);
        resident_pages_.fetch_add(1, std::memory_order_relaxed);
    }
    const bool all_moved = !page;  // else no memory, or the process ends
    const UserAddr given_up = all_moved ? old_start : *target;
    const u64 size = all_moved ? old_size : new_size;
    TRY(regions_.remove(given_up, given_up + size, removed));
    book_regions_locked();
    unmap_pages_locked(given_up, given_up + size);
    if (!all_moved)
        return fail(Errno::nomem);
    return *target;
}

}  // namespace tenon
