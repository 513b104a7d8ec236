#include "kernel/mm/region_set.h"

#include <algorithm>
#include <iterator>
#include <new>

#include <tenon/sync.h>

namespace tenon {

namespace {

struct ByStart {
    bool operator()(UserAddr address, const MemoryRegion& region) const { return address < region.start; }
    bool operator()(const MemoryRegion& region, UserAddr address) const { return region.start < address; }
};

// Whether `second`, which starts where `first` ends, continues it.
bool continues(const MemoryRegion& first, const MemoryRegion& second)
{
    return first.end == second.start && first.access == second.access && first.may_access == second.may_access &&
           first.sharing == second.sharing && first.is_locked == second.is_locked &&
           first.grows_down == GrowsDown::no && second.grows_down == GrowsDown::no && first.source == second.source &&
           (!first.source || second.source_page == first.source_page + first.pages());
}

}  // namespace

MemoryRegion::MemoryRegion(const MemoryRegion& other)
    : boost::intrusive::set_base_hook<>(), start(other.start), end(other.end), access(other.access),
      may_access(other.may_access),
      sharing(other.sharing), grows_down(other.grows_down), source(other.source), source_page(other.source_page),
      has_private_pages(other.has_private_pages), is_locked(other.is_locked)
{
}

MemoryRegion* RegionSet::first_ending_above(UserAddr address)
{
    auto next = regions_.upper_bound(address, ByStart());
    if (next != regions_.begin() && std::prev(next)->end > address)
        return &*std::prev(next);
    return next == regions_.end() ? nullptr : &*next;
}

MemoryRegion* RegionSet::find(UserAddr address)
{
    MemoryRegion* region = first_ending_above(address);
    return region != nullptr && region->start <= address ? region : nullptr;
}

bool RegionSet::is_free(UserAddr start, UserAddr end)
{
    const MemoryRegion* region = first_ending_above(start);
    return region == nullptr || region->start >= end;
}

bool RegionSet::covers(UserAddr start, UserAddr end)
{
    while (start < end) {
        static_cast<void>(resched_point());
        const MemoryRegion* region = find(start);
        if (region == nullptr)
            return false;
        start = region->end;
    }
    return true;
}

u64 RegionSet::mapped_size(UserAddr start, UserAddr end)
{
    u64 size = 0;
    for (const MemoryRegion* region = first_ending_above(start); region != nullptr && region->start < end;
         region = first_ending_above(region->end)) {
        static_cast<void>(resched_point());
        size += std::min(region->end, end) - std::max(region->start, start);
    }
    return size;
}

Result<> RegionSet::insert(const MemoryRegion& region)
{
    if (count() >= max_regions)
        return fail(Errno::nomem);
    auto* added = new (std::nothrow) MemoryRegion(region);
    if (added == nullptr)
        return fail(Errno::nomem);
    pages_ += added->pages();
    const auto position = regions_.insert(*added).first;
    const auto next = std::next(position);
    if (next != regions_.end())
        join_with_previous(next);
    join_with_previous(position);
    return {};
}

void RegionSet::join_with_previous(Set::iterator position)
{
    if (position == regions_.begin())
        return;
    MemoryRegion& previous = *std::prev(position);
    if (!continues(previous, *position))
        return;
    MemoryRegion& joined = *position;
    regions_.erase(position);
    previous.end = joined.end;
    previous.has_private_pages |= joined.has_private_pages;
    delete &joined;
}

Result<> RegionSet::split_at(UserAddr address)
{
    MemoryRegion* region = find(address);
    if (region == nullptr || region->start == address)
        return {};
    if (count() >= max_regions)
        return fail(Errno::nomem);
    auto* upper = new (std::nothrow) MemoryRegion(*region);
    if (upper == nullptr)
        return fail(Errno::nomem);
    upper->source_page = region->source ? region->source_index(address) : 0;
    upper->start = address;
    upper->grows_down = GrowsDown::no;
    region->end = address;
    regions_.insert(*upper);
    return {};
}

Result<> RegionSet::remove(UserAddr start, UserAddr end, RegionSet& removed)
{
    TRY(split_at(start));
    TRY(split_at(end));
    for (MemoryRegion* region = first_ending_above(start); region != nullptr && region->start < end;
         region = first_ending_above(start)) {
        static_cast<void>(resched_point());  // all or nothing
        pages_ -= region->pages();
        regions_.erase(regions_.iterator_to(*region));
        removed.pages_ += region->pages();
        removed.regions_.insert(*region);
    }
    return {};
}

Result<> RegionSet::protect(UserAddr start, UserAddr end, arch::UserAccess access)
{
    for (UserAddr at = start; at < end;) {
        TRY(resched_point());
        const MemoryRegion* const region = first_ending_above(at);
        if (region == nullptr || region->start >= end)
            break;
        if (!arch::allows(region->may_access, access))
            return fail(Errno::acces);
        at = region->end;
    }
    return change(start, end, [&](MemoryRegion& region) { region.access = access; });
}

Result<> RegionSet::set_locked(UserAddr start, UserAddr end, bool is_locked)
{
    return change(start, end, [&](MemoryRegion& region) { region.is_locked = is_locked; });
}

template <typename Change>
Result<> RegionSet::change(UserAddr start, UserAddr end, Change&& change_region)
{
    TRY(split_at(start));
    TRY(split_at(end));
    auto position = regions_.lower_bound(start, ByStart());
    while (position != regions_.end() && position->start < end) {
        static_cast<void>(resched_point());  // all or nothing
        change_region(*position);
        const auto next = std::next(position);
        join_with_previous(position);
        position = next;
    }
    if (position != regions_.end())
        join_with_previous(position);
    return {};
}

void RegionSet::grow_down(MemoryRegion& region, UserAddr new_start)
{
    pages_ += (region.start - new_start) / page_size;
    region.start = new_start;  // the order of the set stays: the range below is free
}

std::optional<UserAddr> RegionSet::find_free(u64 size, UserAddr low, UserAddr high)
{
    // From the top: each gap ends where the region above it starts.
    UserAddr gap_end = high;
    auto position = regions_.lower_bound(high, ByStart());
    for (;;) {
        static_cast<void>(resched_point());
        const bool at_bottom = position == regions_.begin();
        const UserAddr gap_start = at_bottom ? low : std::max(low, std::prev(position)->end);
        if (gap_start <= gap_end && gap_end - gap_start >= size)
            return gap_end - size;
        if (at_bottom || std::prev(position)->start <= low)
            return std::nullopt;
        --position;
        gap_end = std::min(gap_end, position->start);
    }
}

Result<> RegionSet::copy_from(const RegionSet& other)
{
    for (const MemoryRegion& region : other) {
        TRY(resched_point());
        auto* copy = new (std::nothrow) MemoryRegion(region);
        if (copy == nullptr)
            return fail(Errno::nomem);
        copy->is_locked = false;
        regions_.insert(regions_.end(), *copy);
        pages_ += copy->pages();
    }
    return {};
}

void RegionSet::clear()
{
    regions_.clear_and_dispose([](MemoryRegion* region) {
        static_cast<void>(resched_point());
        delete region;
    });
    pages_ = 0;
}

}  // namespace tenon
