#include "kernel/mm/page_allocator.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "kernel/lib/bits.h"
#include "kernel/lib/panic.h"
#include "kernel/mm/allocation_failure.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/ledger.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/mm/page_cache.h"
#include "kernel/runtime/shadow.h"
#include <tenon/sync.h>

namespace tenon::frames {
namespace {

struct State {
    Spinlock lock;
    Buddy buddy;  // protected by lock
};

constinit State state;

// The first reserved range that overlaps [start, end).
const PhysRange* find_overlap(std::span<const PhysRange> reserved, PhysAddr start, PhysAddr end)
{
    const PhysRange* first = nullptr;
    for (const PhysRange& range : reserved)
        if (range.start < end && start < range.end && (first == nullptr || range.start < first->start))
            first = &range;
    return first;
}

// Calls visit(start, end) for each part of `ram` that no reserved range touches, in page multiples.
template <typename Visit>
void for_each_free(std::span<const PhysRange> ram, std::span<const PhysRange> reserved, Visit&& visit)
{
    for (const PhysRange& range : ram) {
        PhysAddr start(align_up(range.start.value(), page_size));
        const PhysAddr end(align_down(range.end.value(), page_size));
        while (start < end) {
            const PhysRange* obstacle = find_overlap(reserved, start, end);
            const PhysAddr stop = obstacle != nullptr ? PhysAddr(align_down(obstacle->start.value(), page_size)) : end;
            if (start < stop)
                visit(start, stop);
            if (obstacle == nullptr)
                break;
            start = PhysAddr(align_up(obstacle->end.value(), page_size));
        }
    }
}

std::optional<u32> take(unsigned order)
{
    if (order > Buddy::max_order || !memory_limits::may_take_frames(u64{1} << order))
        return std::nullopt;
    LockGuard guard(state.lock);
    return state.buddy.allocate(order);
}

}  // namespace

constinit DescriptorArray descriptor_array;

void initialise(std::span<const PhysRange> ram, std::span<const PhysRange> reserved)
{
    PhysAddr low(~u64{0});
    PhysAddr high(0);
    for (const PhysRange& range : ram) {
        low = std::min(low, PhysAddr(align_up(range.start.value(), page_size)));
        high = std::max(high, PhysAddr(align_down(range.end.value(), page_size)));
    }
    const u64 count = (high - low) >> page_shift;
    const u64 storage_size = align_up(count * sizeof(Frame), page_size);

    PhysRange storage{};
    for_each_free(ram, reserved, [&](PhysAddr start, PhysAddr end) {
        if (storage.end.value() == 0 && end - start >= storage_size)
            storage = {start, start + storage_size};
    });
    expect(storage.end.value() != 0, "no room for the page descriptors");

    auto* frames = layout::linear(storage.start).pointer<Frame>();
    std::memset(static_cast<void*>(frames), 0, storage_size);
    descriptor_array = {{frames, static_cast<usize>(count)}, low};
    state.buddy.initialise(low.value() >> page_shift, descriptor_array.frames);
    for_each_free(ram, reserved, [&](PhysAddr start, PhysAddr end) {
        if (start == storage.start)
            start = storage.end;
        add_range({start, end});
    });
}

void add_range(PhysRange range)
{
    const PhysAddr start(align_up(range.start.value(), page_size));
    const PhysAddr end(align_down(range.end.value(), page_size));
    if (start >= end)
        return;
    shadow::poison(layout::linear(start).pointer(), end - start, shadow::Mark::free_pages);
    LockGuard guard(state.lock);
    state.buddy.add(index_of(start), index_of(end));
}

Result<PhysAddr> allocate(unsigned order, Zeroed zeroed)
{
    if (allocation_failure::is_due()) [[unlikely]]
        return fail(Errno::nomem);
    auto index = take(order);
    // Cached pages are free memory that happens to be useful: a few rounds give a contiguous run a chance too. Each is bounded, and
    // may find only pages that were used lately.
    for (int round = 0; !index && round < 4 && page_cache::cached_pages() != 0; ++round) {
        page_cache::reclaim(usize{64} << order);
        index = take(order);
    }
    if (!index)
        return fail(Errno::nomem);
    descriptors()[*index].references.store(1, std::memory_order_relaxed);
    const PhysAddr address = address_of(*index);
    shadow::unpoison(layout::linear(address).pointer(), page_size << order);
    if (zeroed == Zeroed::yes)
        std::memset(layout::linear(address).pointer(), 0, page_size << order);
    return address;
}

void free(PhysAddr first, unsigned order)
{
    Frame& frame = descriptor(first);
    if (frame.booked_kind != 0)
        ledger::unbook_frame(frame.account, std::exchange(frame.booked_kind, u8{0}), order);
    shadow::poison(layout::linear(first).pointer(), page_size << order, shadow::Mark::free_pages);
    LockGuard guard(state.lock);
    state.buddy.free(index_of(first), order);
}

void acquire(PhysAddr frame)
{
    descriptor(frame).references.fetch_add(1, std::memory_order_relaxed);
}

void release(PhysAddr frame)
{
    const u32 before = descriptor(frame).references.fetch_sub(1, std::memory_order_acq_rel);
    expect(before != 0, "page frame released more often than acquired");
    if (before == 1)
        free(frame, 0);
}

u32 reference_count(PhysAddr frame)
{
    return descriptor(frame).references.load(std::memory_order_acquire);
}

Statistics statistics()
{
    return {state.buddy.total_frames(), state.buddy.free_frames()};
}

}  // namespace tenon::frames
