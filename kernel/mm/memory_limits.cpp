#include "kernel/mm/memory_limits.h"

#include <algorithm>

#include "kernel/mm/frames.h"
#include "kernel/mm/page_cache.h"
#include "kernel/proc/credentials.h"
#include "kernel/thread/thread.h"

namespace tenon::memory_limits {

namespace {

constexpr u64 reserve_minimum = 512;      // pages
constexpr u64 reserve_fraction = 64;      // of all memory
constexpr u64 pages_per_thread = 64;      // stack, tables and a small program
constexpr u64 reclaim_batch = 256;
// How many reserves must be left, for root and for others.
constexpr u64 privileged_reserves = 1;
constexpr u64 ordinary_reserves = 3;
// What ordinary users' calls leave, in half reserves: less than what their pages leave, so that calls work while pages are wanted, and
// more than root needs for something new.
constexpr u64 half_reserves_for_root = 5;

bool is_privileged()
{
    const Thread* const thread = arch::current_thread_if_any();
    return thread == nullptr || thread->process() == nullptr || capable(Capability::sys_resource);
}

u64 reserve()
{
    return std::max(reserve_minimum, frames::statistics().total_pages / reserve_fraction);
}

// `more` than those that always stay.
u64 wanted_pages(u64 more)
{
    return reserve() * (more + (is_privileged() ? privileged_reserves : ordinary_reserves));
}

Result<> require_free(u64 more)
{
    const u64 wanted = wanted_pages(more);
    if (frames::statistics().free_pages > wanted) [[likely]]
        return {};
    page_cache::reclaim_until(wanted + reclaim_batch);
    if (frames::statistics().free_pages > wanted)
        return {};
    return fail(Errno::nomem);
}

}  // namespace

Result<> require_user_page()
{
    return require_free(0);
}

Result<> require_growth()
{
    return require_free(1);
}

bool has_user_page()
{
    return frames::statistics().free_pages > wanted_pages(0);
}

bool has_growth()
{
    return frames::statistics().free_pages > wanted_pages(1);
}

bool may_take_frames(u64 count)
{
    if (frames::statistics().free_pages > reserve() * half_reserves_for_root / 2 + count) [[likely]]
        return true;
    return is_privileged() || arch::current_thread().fatal_signal_pending.load(std::memory_order_relaxed);
}

u64 reserved_pages()
{
    return reserve() * ordinary_reserves;
}

bool is_plausible(u64 pages)
{
    return pages <= frames::statistics().total_pages;
}

u64 max_file_bytes()
{
    return is_privileged() ? ~u64{0} : frames::statistics().total_pages / 2 * page_size;
}

u32 max_threads()
{
    return static_cast<u32>(std::clamp<u64>(frames::statistics().total_pages / pages_per_thread, 64, 30000));
}

u32 max_threads_of_user()
{
    return max_threads() / 2;
}

}  // namespace tenon::memory_limits
