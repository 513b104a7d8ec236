#pragma once

#include <span>

#include "kernel/lib/address.h"
#include "kernel/lib/result.h"
#include <tenon/memory.h>

// Page frames of RAM. All functions are usable in every context (a spinlock inside); none blocks.

namespace tenon::frames {

// Once at boot, single-threaded: everything in `ram` that is not in `reserved` becomes free, less the descriptors that
// the allocator keeps for itself. Reserved ranges inside RAM can be given back later with add_range.
void initialise(std::span<const PhysRange> ram, std::span<const PhysRange> reserved);

// Gives a reserved range of RAM to the allocator; partial pages at its ends are dropped.
void add_range(PhysRange range);

enum class Zeroed : bool { no, yes };

// A naturally aligned run of 2^order frames (order at most buddy's max_order). Errno::nomem, for an ordinary user's thread also when
// only what is reserved for root is left (kernel/mm/memory_limits.h).
Result<PhysAddr> allocate(unsigned order, Zeroed zeroed);
void free(PhysAddr first, unsigned order);

// Counts of single frames, for copy-on-write and page-cache sharing: allocate(0) starts at 1, release frees with the last.
void acquire(PhysAddr frame);
void release(PhysAddr frame);
u32 reference_count(PhysAddr frame);

struct Statistics {
    u64 total_pages;
    u64 free_pages;
};
Statistics statistics();

}  // namespace tenon::frames
