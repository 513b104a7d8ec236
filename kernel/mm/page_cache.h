#pragma once

#include <tenon/page_cache.h>

// What the kernel itself asks of all page caches together.

namespace tenon::page_cache {

// Pages held now ("Cached" of /proc/meminfo).
u64 cached_pages();

// Frees up to `wanted` cached pages that nobody uses; how many it freed. Looks only at a bounded number of pages, going on where
// the last call stopped. Every context that holds no lock of a page cache; does not block.
usize reclaim(usize wanted);

// Frees cached pages until so many pages of memory are free or nothing more can be freed. The caller holds no spinlock.
void reclaim_until(u64 free_pages);

}  // namespace tenon::page_cache
