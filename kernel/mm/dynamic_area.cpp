// Address ranges of the dynamic area (kernel_map::reserve and release). First fit in a list of free ranges.

#include <iterator>
#include <new>
#include <optional>

#include <boost/intrusive/set.hpp>

#include "kernel/lib/panic.h"
#include "kernel/mm/kernel_map.h"
#include "kernel/mm/layout.h"
#include <tenon/memory.h>
#include <tenon/sync.h>

namespace tenon::kernel_map {
namespace {

struct FreeRange : boost::intrusive::set_base_hook<> {
    u64 start = 0;
    u64 end = 0;

    bool operator<(const FreeRange& other) const { return start < other.start; }
};

using FreeSet = boost::intrusive::set<FreeRange, boost::intrusive::constant_time_size<false>>;

// Everything from `fresh` on was never handed out; below it, `free` knows what came back.
struct Area {
    Spinlock lock;
    FreeSet free;     // protected by lock, ordered, never adjacent
    u64 fresh = layout::dynamic_base;
};

// Used before constructors run, by the early console: must not need one.
Area& area()
{
    static Area instance;  // first use is single-threaded, at boot
    return instance;
}

std::optional<u64> take_free(Area& state, u64 size)
{
    for (auto& range : state.free) {
        if (range.end - range.start < size)
            continue;
        const u64 start = range.start;
        range.start += size;
        if (range.start == range.end) {
            state.free.erase(FreeSet::s_iterator_to(range));
            delete &range;
        }
        return start;
    }
    return std::nullopt;
}

void merge_with_next(FreeSet& free, FreeSet::iterator position)
{
    const auto next = std::next(position);
    if (next == free.end() || next->start != position->end)
        return;
    position->end = next->end;
    FreeRange* merged = &*next;
    free.erase(next);
    delete merged;
}

}  // namespace

Result<KernelAddr> reserve(u64 size)
{
    const u64 room = size + page_size;  // one guard page behind; the range before ends with its own
    Area& state = area();
    LockGuard guard(state.lock);
    if (const auto start = take_free(state, room))
        return KernelAddr(*start);
    if (size == 0 || room > layout::dynamic_base + layout::dynamic_size - state.fresh)
        return fail(Errno::nomem);
    if (state.fresh == layout::dynamic_base)
        state.fresh += page_size;
    const u64 start = state.fresh;
    state.fresh += room;
    return KernelAddr(start);
}

void release(KernelAddr start, u64 size)
{
    auto* range = new (std::nothrow) FreeRange;
    if (range == nullptr)
        return;  // the addresses are lost, 1 TiB of them are left
    range->start = start.value();
    range->end = start.value() + size + page_size;
    Area& state = area();
    LockGuard guard(state.lock);
    const auto [position, inserted] = state.free.insert(*range);
    expect(inserted, "address range released twice");
    merge_with_next(state.free, position);
    if (position != state.free.begin())
        merge_with_next(state.free, std::prev(position));
}

}  // namespace tenon::kernel_map
