#include "kernel/module/arena.h"

#include <algorithm>
#include <bit>

#include "kernel/arch.h"
#include "kernel/lib/bits.h"
#include "kernel/lib/panic.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/layout.h"
#include <tenon/memory.h>

namespace tenon {
namespace {

using kernel_map::Access;

struct Pages {
    u64 start;
    u64 end;
    bool is_empty() const { return start >= end; }
    u64 size() const { return end - start; }
};

// The pages that [start, end) touches and that lie wholly inside the free range `hole`: nobody else needs them.
Pages exclusive_pages(u64 start, u64 end, RangeAllocator::Range hole)
{
    return {std::max(align_down(start, page_size), align_up(hole.start, page_size)),
            std::min(align_up(end, page_size), align_down(hole.end, page_size))};
}

// Fills what the page at `page`, behind which `frame` will stand, has outside `block`. The block itself is synchronised when it is sealed.
void fill_around(PhysAddr frame, u64 page, RangeAllocator::Range block, u32 pattern, Access access)
{
    std::byte* const bytes = layout::linear(frame).pointer();
    const auto fill = [&](u64 from, u64 to) {
        std::fill(reinterpret_cast<u32*>(bytes + from), reinterpret_cast<u32*>(bytes + to), pattern);
        if (kernel_map::is_executable(access))
            arch::clean_code(KernelAddr::of(bytes + from), static_cast<usize>(to - from));  // nobody executed here before
    };
    if (block.start > page)
        fill(0, block.start - page);
    if (block.end < page + page_size)
        fill(block.end - page, page_size);
}

struct Run {
    PhysAddr first;
    unsigned order;
};

// At most `pages` frames in one piece, at least one. Errno::nomem.
Result<Run> allocate_run(u64 pages)
{
    constexpr unsigned largest_order = 6;
    const unsigned order = std::min(largest_order, static_cast<unsigned>(std::bit_width(pages)) - 1);
    if (order != 0)
        if (const auto run = frames::allocate(order, frames::Zeroed::no))
            return Run{*run, order};
    const PhysAddr single = TRY(frames::allocate(0, frames::Zeroed::no));
    return Run{single, 0};
}

}  // namespace

Result<KernelAddr> Arena::allocate(u64 size, u64 alignment)
{
    const auto allocation = TRY(ranges_.allocate(size, alignment));
    const u64 start = allocation.start;
    const Pages fresh = exclusive_pages(start, start + size, allocation.hole);
    if (!fresh.is_empty()) {
        const Result<> result = populate(fresh.start, fresh.end, {start, align_up(start + size, sizeof(fill_))});
        if (!result) {
            ranges_.free(start, size);
            return fail(result.error());
        }
    }
    return KernelAddr(start);
}

// In runs of frames as long as may be: mapping is the cost of large modules. The frames are given back one by one.
Result<> Arena::populate(u64 start, u64 end, RangeAllocator::Range block)
{
    for (u64 mapped = start; mapped < end;) {
        const Result<u64> size = populate_run(mapped, end, block);
        if (!size) {
            depopulate(start, mapped);
            return fail(size.error());
        }
        mapped += *size;
    }
    return {};
}

// Gives the first pages of [start, end) their frames; how many bytes that were.
Result<u64> Arena::populate_run(u64 start, u64 end, RangeAllocator::Range block)
{
    const Run run = TRY(allocate_run((end - start) >> page_shift));
    const u64 size = page_size << run.order;
    for (u64 offset = 0; offset < size; offset += page_size)
        fill_around(run.first + offset, start + offset, block, fill_, access_);
    if (access_ != Access::read_write)
        kernel_map::protect(layout::linear(run.first), size, Access::read_only);
    const Result<> result = kernel_map::map(KernelAddr(start), run.first, size, access_);
    if (result)
        return size;
    if (access_ != Access::read_write)
        kernel_map::protect(layout::linear(run.first), size, Access::read_write);
    frames::free(run.first, run.order);
    return fail(result.error());
}

void Arena::depopulate(u64 start, u64 end)
{
    for (u64 page = start; page < end; page += page_size) {
        const auto translation = kernel_map::translate(KernelAddr(page));
        expect(translation.has_value(), "a page of module memory is not mapped");
        kernel_map::unmap(KernelAddr(page), page_size);
        kernel_map::protect(layout::linear(translation->physical), page_size, Access::read_write);
        frames::free(translation->physical, 0);
    }
}

void Arena::free(KernelAddr start, u64 size)
{
    const RangeAllocator::Range hole = ranges_.free(start.value(), size);
    const Pages empty = exclusive_pages(start.value(), start.value() + size, hole);
    if (!empty.is_empty())
        depopulate(empty.start, empty.end);
}

void Arena::make_read_only(KernelAddr start, u64 size)
{
    for (u64 page = start.value(); page < start.value() + size; page += page_size) {
        const auto translation = kernel_map::translate(KernelAddr(page));
        expect(translation.has_value(), "a page of module memory is not mapped");
        kernel_map::protect(layout::linear(translation->physical), page_size, Access::read_only);
    }
    kernel_map::protect(start, align_up(size, page_size), Access::read_only);
}

}  // namespace tenon
