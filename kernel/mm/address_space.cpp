#include "kernel/mm/address_space.h"

#include <algorithm>

#include "kernel/lib/checked.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/mm/trampoline_page.h"
#include "kernel/mm/user_layout.h"
#include "kernel/mm/user_range.h"

namespace tenon {

using arch::UserAccess;

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
    space->trampoline_ = TRY(space->map(trampoline)).start;
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
    const auto end = user_range_end(request.hint, request.size);
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

Result<AddressSpace::Mapped> AddressSpace::map(const MapRequest& request)
{
    MemoryRegion region;
    region.access = request.access;
    region.may_access = request.may_access;
    region.sharing = request.sharing;
    region.grows_down = request.grows_down;
    region.is_locked = request.locked == Locked::yes;
    region.source = request.source;
    region.source_page = request.source_page;
    if (region.is_private_writable() && !memory_limits::is_plausible(request.size / page_size))
        return fail(Errno::nomem);

    RegionSet removed;
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    const BookedChange change(*this);
    region.start = TRY(place_locked(request));
    region.end = region.start + request.size;
    const u64 replaced = request.placement == Placement::fixed ? regions_.mapped_size(region.start, region.end) : 0;
    TRY(require_room_locked(request.size - replaced, region.is_private_writable()));
    region.is_locked |= locks_future_;
    if (region.is_locked)
        TRY(require_lockable_locked(request.size / page_size));
    if (request.placement == Placement::fixed) {
        TRY(regions_.remove(region.start, region.end, removed));
        unmap_pages_locked(region.start, region.end);
    }
    TRY(regions_.insert(region));
    return Mapped{.start = region.start, .is_locked = region.is_locked};
}

Result<> AddressSpace::unmap(UserAddr start, u64 size)
{
    const auto end = TRY(user_range_end(start, size));
    RegionSet removed;
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    const BookedChange change(*this);
    TRY(regions_.remove(start, end, removed));
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
    const auto end = TRY(user_range_end(start, size));
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    if (!regions_.covers(start, end))
        return fail(Errno::nomem);
    TRY(memory_limits::require_user_page());  // for what is split
    const BookedChange change(*this);
    TRY(regions_.protect(start, end, access));
    for (auto page = page_table_.next_mapped(start, end); page; page = page_table_.next_mapped(*page + page_size, end)) {
        static_cast<void>(resched_point());  // or the tables would allow what the regions do not
        const MemoryRegion& region = *regions_.find(*page);
        page_table_.protect(*page, page_access(region, page_table_.find(*page)->frame));
    }
    return {};
}

Result<> AddressSpace::discard(UserAddr start, u64 size)
{
    const auto end = TRY(user_range_end(start, size));
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    if (!regions_.covers(start, end))
        return fail(Errno::nomem);
    if (locked_pages_locked(start, end) != 0)
        return fail(Errno::inval);
    unmap_pages_locked(start, end);
    return {};
}

Result<> AddressSpace::require_mapped(UserAddr start, u64 size)
{
    const auto end = user_range_end(start, size);
    if (!end)
        return fail(Errno::nomem);
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    return regions_.covers(start, *end) ? Result<>() : fail(Errno::nomem);
}

void AddressSpace::initialise_break(UserAddr program_end)
{
    LockGuard guard(mutex_);
    break_start_ = break_end_ = program_end + placement_.break_gap;
}

Result<UserAddr> AddressSpace::set_break(UserAddr wanted)
{
    RegionSet removed;
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    const BookedChange change(*this);
    if (wanted < break_start_ || wanted >= placement_.map_top)
        return break_end_;
    const UserAddr old_top(align_up(break_end_.value(), page_size));
    const UserAddr new_top(align_up(wanted.value(), page_size));
    if (new_top > old_top) {
        MemoryRegion heap;
        heap.start = old_top;
        heap.end = new_top;
        heap.access = UserAccess::read | UserAccess::write;
        heap.is_locked = locks_future_;
        if (!regions_.is_free(old_top, new_top) || !memory_limits::is_plausible((new_top - break_start_) / page_size) ||
            !require_room_locked(new_top - old_top, true) ||
            (locks_future_ && !require_lockable_locked((new_top - old_top) / page_size)) || !regions_.insert(heap))
            return break_end_;
    } else if (new_top < old_top) {
        if (!regions_.remove(new_top, old_top, removed))
            return break_end_;
        unmap_pages_locked(new_top, old_top);
    }
    break_end_ = wanted;
    return break_end_;
}

}  // namespace tenon
