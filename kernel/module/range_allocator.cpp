#include "kernel/module/range_allocator.h"

#include <algorithm>
#include <iterator>
#include <new>

#include "kernel/lib/bits.h"
#include "kernel/lib/panic.h"

namespace tenon {
namespace {

// So many nodes more than there are allocations are kept for the next ones.
constexpr u32 kept_nodes = 8;

}  // namespace

RangeAllocator::~RangeAllocator()
{
    const auto dispose = [](Hole* hole) { delete hole; };
    holes_.clear_and_dispose(dispose);
    spare_.clear_and_dispose(dispose);
}

Result<> RangeAllocator::add_node()
{
    Hole* const hole = new (std::nothrow) Hole;
    if (hole == nullptr)
        return fail(Errno::nomem);
    spare_.push_back(*hole);
    ++nodes_;
    return {};
}

// The first hole is everything.
Result<> RangeAllocator::prepare()
{
    TRY(add_node());
    insert(holes_.end(), {start_, start_ + size_});
    prepared_ = true;
    return {};
}

void RangeAllocator::put_aside(Hole& hole)
{
    holes_.erase(holes_.iterator_to(hole));
    spare_.push_back(hole);
}

void RangeAllocator::insert(Holes::iterator position, Range range)
{
    expect(!spare_.empty(), "a range allocator has run out of nodes");
    Hole& hole = spare_.front();
    spare_.pop_front();
    hole.range = range;
    holes_.insert(position, hole);
}

Result<RangeAllocator::Allocation> RangeAllocator::allocate(u64 size, u64 alignment)
{
    if (!prepared_) [[unlikely]]
        TRY(prepare());
    const u64 length = align_up(std::max(size, granule), granule);
    const u64 wanted_alignment = std::max(alignment, granule);
    const auto fits = [&](const Hole& hole) {
        const u64 start = align_up(hole.range.start, wanted_alignment);
        return start < hole.range.end && hole.range.end - start >= length;
    };
    const auto found = std::find_if(holes_.begin(), holes_.end(), fits);
    if (found == holes_.end())
        return fail(Errno::nomem);
    if (nodes_ <= allocations_ + 1)
        TRY(add_node());
    ++allocations_;

    const Range hole = found->range;
    const u64 start = align_up(hole.start, wanted_alignment);
    if (start + length != hole.end)
        insert(std::next(found), {start + length, hole.end});
    found->range.end = start;
    if (start == hole.start)
        put_aside(*found);
    return Allocation{start, hole};
}

RangeAllocator::Range RangeAllocator::free(u64 start, u64 size)
{
    const u64 length = align_up(std::max(size, granule), granule);
    Range range{start, start + length};
    auto next = std::find_if(holes_.begin(), holes_.end(), [&](const Hole& hole) { return hole.range.start >= start; });
    if (next != holes_.end() && next->range.start == range.end) {
        range.end = next->range.end;
        Hole& merged = *next++;
        put_aside(merged);
    }
    if (next != holes_.begin() && std::prev(next)->range.end == start) {
        Hole& merged = *std::prev(next);
        range.start = merged.range.start;
        put_aside(merged);
    }
    insert(next, range);
    --allocations_;
    if (nodes_ > allocations_ + kept_nodes) {
        Hole& surplus = spare_.front();
        spare_.pop_front();
        --nodes_;
        delete &surplus;
    }
    return range;
}

}  // namespace tenon
