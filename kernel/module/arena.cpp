#include "kernel/module/arena.h"

#include <algorithm>
#include <bit>

#include "kernel/arch.h"
#include "kernel/lib/bits.h"
#include "kernel/lib/panic.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/layout.h"
#include "kernel/module/write_window.h"
#include "kernel/runtime/shadow.h"
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

// By cache lines where it can: modules share many pages, and have large parts of them. `from` and `to` are aligned to words.
void fill_words(std::byte* from, std::byte* to, u32 pattern)
{
    constexpr usize line = RangeAllocator::granule / sizeof(u64);
    u32* word = reinterpret_cast<u32*>(from);
    u32* const end = reinterpret_cast<u32*>(to);
    if (word != end && !is_aligned(reinterpret_cast<u64>(word), sizeof(u64)))
        *word++ = pattern;
    u64* pair = reinterpret_cast<u64*>(word);
    const u64 two = u64{pattern} << 32 | pattern;
    for (usize lines = static_cast<usize>(end - word) / (2 * line); lines != 0; --lines, pair += line)
#pragma GCC unroll 8
        for (usize index = 0; index < line; ++index)
            pair[index] = two;
    for (word = reinterpret_cast<u32*>(pair); word != end; ++word)
        *word = pattern;
}

// Fills what the page at `page`, behind which `frame` will stand, has outside `block`. The block itself is synchronised when it is sealed.
void fill_around(PhysAddr frame, u64 page, RangeAllocator::Range block, u32 pattern, Access access)
{
    std::byte* const bytes = layout::linear(frame).pointer();
    const auto fill = [&](u64 from, u64 to) {
        fill_words(bytes + from, bytes + to, pattern);
        if (kernel_map::is_executable(access))
            arch::clean_code(KernelAddr::of(bytes + from), static_cast<usize>(to - from));  // nobody executed here before
    };
    if (block.start > page)
        fill(0, block.start - page);
    if (block.end < page + page_size)
        fill(std::max(block.end, page) - page, page_size);
}

constexpr unsigned largest_order = 6;

struct Run {
    PhysAddr first;
    unsigned order;
};

// At most `pages` frames in one piece, at least one. Errno::nomem.
Result<Run> allocate_run(u64 pages)
{
    const unsigned order = std::min(largest_order, static_cast<unsigned>(std::bit_width(pages)) - 1);
    if (order != 0)
        if (const auto run = frames::allocate(order, frames::Zeroed::no))
            return Run{*run, order};
    const PhysAddr single = TRY(frames::allocate(0, frames::Zeroed::no));
    return Run{single, 0};
}

PhysAddr frame_behind(u64 page)
{
    const auto translation = kernel_map::translate(KernelAddr(page));
    expect(translation.has_value(), "a page of module memory is not mapped");
    return translation->physical;
}

// What a block takes of its range: in the debug kernel memory that may not be used stands behind each.
u64 room_of(u64 size)
{
    return shadow::is_kept ? size + RangeAllocator::granule : size;
}

// Runs that stand side by side need not have been allocated as one, nor whole runs be given back.
void free_frames(PhysAddr first, u64 size)
{
    for (const PhysAddr end = first + size; first != end;) {
        const auto alignment = static_cast<unsigned>(std::countr_zero(first.value() >> page_shift));
        const auto room = static_cast<unsigned>(std::bit_width((end - first) >> page_shift)) - 1;
        const unsigned order = std::min(alignment, room);
        frames::free(first, order);
        first = first + (page_size << order);
    }
}

}  // namespace

Result<KernelAddr> Arena::allocate(u64 size, u64 alignment)
{
    const u64 room = room_of(size);
    const auto allocation = TRY(ranges_.allocate(room, alignment));
    const u64 start = allocation.start;
    const Pages fresh = exclusive_pages(start, start + room, allocation.hole);
    if (!fresh.is_empty()) {
        const Result<> result = populate(fresh.start, fresh.end, {start, align_up(start + size, sizeof(fill_))});
        if (!result) {
            ranges_.free(start, room);
            return fail(result.error());
        }
    }
    shadow::poison(KernelAddr(start).pointer(), align_up(room, RangeAllocator::granule), shadow::Mark::module_redzone);
    shadow::unpoison(KernelAddr(start).pointer(), size);
    return KernelAddr(start);
}

// In runs of frames as long as may be: mapping is the cost of large modules.
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

// Whole runs at a time, as far as frames stand side by side.
void Arena::depopulate(u64 start, u64 end)
{
    for (u64 page = start; page < end;) {
        const PhysAddr first = frame_behind(page);
        const u64 most = std::min(end - page, page_size << largest_order);
        u64 size = page_size;
        while (size < most && frame_behind(page + size) == first + size)
            size += page_size;
        kernel_map::unmap(KernelAddr(page), size);
        kernel_map::protect(layout::linear(first), size, Access::read_write);
        free_frames(first, size);
        page += size;
    }
}

void Arena::free(KernelAddr start, u64 size)
{
    const u64 first = start.value();
    const u64 room = room_of(size);
    const u64 end = first + align_up(room, RangeAllocator::granule);
    shadow::poison(start.pointer(), end - first, shadow::Mark::module_freed);
    const RangeAllocator::Range hole = ranges_.free(first, room);
    const Pages empty = exclusive_pages(first, end, hole);
    if (empty.is_empty()) {
        blot_out(first, end);
        return;
    }
    blot_out(first, empty.start);
    blot_out(empty.end, end);
    depopulate(empty.start, empty.end);
}

// What stays mapped must not stay executable as what it was. Without memory for the window the old code stays: nothing leads to it.
void Arena::blot_out(u64 start, u64 end)
{
    if (start >= end || !kernel_map::is_executable(access_))
        return;
    const auto bytes = write_window::open(KernelAddr(start), end - start);
    if (!bytes)
        return;
    fill_words(bytes->data(), bytes->data() + bytes->size(), fill_);
    arch::synchronise_code(KernelAddr(start), bytes->size());
    write_window::close(*bytes);
}

void Arena::make_read_only(KernelAddr start, u64 size)
{
    for (u64 page = start.value(); page < start.value() + size; page += page_size)
        kernel_map::protect(layout::linear(frame_behind(page)), page_size, Access::read_only);
    kernel_map::protect(start, align_up(size, page_size), Access::read_only);
}

}  // namespace tenon
