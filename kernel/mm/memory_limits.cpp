#include "kernel/mm/memory_limits.h"

#include <algorithm>

#include "kernel/mm/frames.h"
#include "kernel/mm/page_cache.h"

namespace tenon::memory_limits {

namespace {

constexpr u64 reserve_minimum = 512;      // pages
constexpr u64 reserve_fraction = 64;      // of all memory
constexpr u64 pages_per_process = 64;     // stack, tables and a small program
constexpr u64 reclaim_batch = 256;

Result<> require_free(u64 reserves)
{
    const frames::Statistics now = frames::statistics();
    const u64 wanted = reserves * std::max(reserve_minimum, now.total_pages / reserve_fraction);
    if (now.free_pages > wanted) [[likely]]
        return {};
    page_cache::reclaim_until(wanted + reclaim_batch);
    if (frames::statistics().free_pages > wanted)
        return {};
    return fail(Errno::nomem);
}

}  // namespace

Result<> require_user_page()
{
    return require_free(1);
}

Result<> require_growth()
{
    return require_free(2);
}

bool is_plausible(u64 pages)
{
    return pages <= frames::statistics().total_pages;
}

u32 max_processes()
{
    return static_cast<u32>(std::clamp<u64>(frames::statistics().total_pages / pages_per_process, 64, 30000));
}

}  // namespace tenon::memory_limits
