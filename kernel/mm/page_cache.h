#pragma once

#include <tenon/page_cache.h>

// What the kernel itself asks of all page caches together.

namespace tenon::page_cache {

// Pages held now ("Cached" of /proc/meminfo).
u64 cached_pages();

// Frees up to `wanted` cached pages that nobody uses; how many it freed. Every context that holds no lock of a page cache;
// does not block.
usize reclaim(usize wanted);

}  // namespace tenon::page_cache
