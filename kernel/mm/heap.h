#pragma once

#include "kernel/lib/types.h"

// Small objects from slabs of one page, larger ones as runs of pages. Behind `new (std::nothrow)`; also the allocator of the
// C libraries that are linked in. Every context; none blocks.

namespace tenon::heap {

// Aligned to 16 bytes, or to the size for power-of-two sizes up to a page. Null when memory is exhausted or the
// size exceeds 4 MiB. Size 0 gives a unique pointer.
void* allocate(usize size);
// Null is allowed. What is no allocation, or one no more, is refused and its caller named in the log.
void release(void* pointer);
// How many bytes the allocation really holds.
usize usable_size(const void* pointer);

}  // namespace tenon::heap
