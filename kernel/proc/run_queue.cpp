#include "kernel/proc/run_queue.h"

#include <algorithm>

#include "kernel/proc/fair_share.h"
#include "kernel/proc/scheduler.h"

namespace tenon {

void RunQueue::enter(Thread& thread)
{
    // Nobody pays for ever for what was long ago, and sleeping saves nothing up.
    const i64 longest = static_cast<i64>(arch::counter_frequency());
    thread.virtual_time = floor + static_cast<u64>(std::clamp<i64>(static_cast<i64>(thread.virtual_time), 0, longest));
    put_back(thread);
}

void RunQueue::leave(Thread& thread)
{
    thread.virtual_time -= floor;
}

void RunQueue::put_back(Thread& thread)
{
    ready.insert(thread);
    length.fetch_add(1, std::memory_order_relaxed);
}

void RunQueue::take(Thread& thread)
{
    ready.erase(Set::s_iterator_to(thread));
    length.fetch_sub(1, std::memory_order_relaxed);
}

Thread& RunQueue::take_first()
{
    Thread& thread = *ready.begin();
    take(thread);
    return thread;
}

Thread* RunQueue::take_first_for(unsigned cpu)
{
    const auto found = std::ranges::find_if(ready, [&](const Thread& thread) { return thread.may_run_on(cpu); });
    if (found == ready.end())
        return nullptr;
    take(*found);
    return &*found;
}

void RunQueue::charge_current()
{
    const u64 now = arch::counter();
    const u64 elapsed = now - charged_until;
    charged_until = now;
    if (current == idle)
        return;
    current->run_time.store(current->run_time.load(std::memory_order_relaxed) + elapsed, std::memory_order_relaxed);
    current->virtual_time += fair_share::virtual_time(elapsed, current->share.weight());
    const u64 least = ready.empty() || Earlier()(*current, *ready.begin()) ? current->virtual_time : ready.begin()->virtual_time;
    if (static_cast<i64>(least - floor) > 0)
        floor = least;
}

bool RunQueue::is_over_share() const
{
    const u64 tolerance = arch::counter_frequency() / scheduler::tick_rate;
    return !ready.empty() && static_cast<i64>(current->virtual_time - ready.begin()->virtual_time) > static_cast<i64>(tolerance);
}

}  // namespace tenon
