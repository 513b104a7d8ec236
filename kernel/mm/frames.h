#pragma once

#include <atomic>
#include <optional>

#include "kernel/lib/address.h"
#include "kernel/lib/result.h"
#include <tenon/memory.h>

// Page frames of RAM: a buddy allocator with one descriptor per frame. All functions are usable in every context
// (a spinlock inside); none blocks.

namespace tenon::frames {

constexpr unsigned max_order = 10;  // 4 MiB

enum class Zeroed : bool { no, yes };

struct Frame {
    std::atomic<u32> references{0};  // of an allocated order-0 frame; PageRef counts here
    u8 order = 0;
    bool is_free = false;
};

// A naturally aligned run of 2^order frames with a reference count of 1 each run. Errno::nomem.
Result<PhysAddr> allocate(unsigned order, Zeroed zeroed);
void free(PhysAddr first, unsigned order);

// Counts of order-0 frames: COW and page cache sharing. release frees the frame with its last count.
void acquire(PhysAddr frame);
void release(PhysAddr frame);
u32 reference_count(PhysAddr frame);

// Hands a range of RAM over to the allocator at boot (partial pages at the ends are dropped). add_range is called for
// memory that is free now; `describe` must have covered it.
void describe(PhysAddr start, PhysAddr end);  // once: descriptors for all of [start, end), taken from inside a free range
void add_range(PhysAddr start, PhysAddr end);

struct Statistics {
    u64 total_pages;
    u64 free_pages;
};
Statistics statistics();

}  // namespace tenon::frames
