#include "kernel/thread/run_queue.h"

#include <algorithm>

#include "kernel/thread/fair_share.h"
#include "kernel/thread/scheduler.h"

namespace tenon {

void RunQueue::enter(Thread& thread)
{
    // Nobody pays for ever for what was long ago, and sleeping saves nothing up.
    const i64 longest = static_cast<i64>(arch::counter_frequency());
    thread.virtual_time = floor + static_cast<u64>(std::clamp<i64>(static_cast<i64>(thread.virtual_time), 0, longest));
    insert(thread);
}

void RunQueue::leave(Thread& thread)
{
    thread.virtual_time -= floor;
}

void RunQueue::insert(Thread& thread)
{
    // Who was urgent may have stayed behind while it waited.
    if (static_cast<i64>(thread.virtual_time - floor) < 0)
        thread.virtual_time = floor;
    thread.is_ready_urgently = thread.keeps_others_waiting();
    if (thread.is_ready_urgently)
        urgent.insert(thread);
    else
        ready.insert(thread);
    thread.ready_on.store(this, std::memory_order_relaxed);
    length.fetch_add(1, std::memory_order_relaxed);
}

void RunQueue::hurry(Thread& thread)
{
    if (thread.ready_on.load(std::memory_order_relaxed) != this || thread.is_ready_urgently)
        return;
    take(thread);
    insert(thread);
}

void RunQueue::take(Thread& thread)
{
    if (thread.is_ready_urgently)
        urgent.erase(Line::s_iterator_to(thread));
    else
        ready.erase(Set::s_iterator_to(thread));
    thread.ready_on.store(nullptr, std::memory_order_relaxed);
    length.fetch_sub(1, std::memory_order_relaxed);
}

Thread& RunQueue::take_first()
{
    last_was_urgent = ready.empty() || (!urgent.empty() && !last_was_urgent);
    Thread& thread = last_was_urgent ? *urgent.begin() : *ready.begin();
    thread.borrows = last_was_urgent && !ready.empty() && Earlier()(*ready.begin(), thread);
    take(thread);
    return thread;
}

template <typename Threads>
Thread* RunQueue::take_first_for(unsigned cpu, Threads& threads)
{
    const auto found = std::ranges::find_if(threads, [&](const Thread& thread) { return thread.may_run_on(cpu); });
    if (found == threads.end())
        return nullptr;
    take(*found);
    return &*found;
}

Thread* RunQueue::take_first_for(unsigned cpu)
{
    Thread* const thread = take_first_for(cpu, urgent);
    return thread != nullptr ? thread : take_first_for(cpu, ready);
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
    if (!urgent.empty())
        return true;
    const u64 tolerance = arch::counter_frequency() / scheduler::tick_rate;
    return !ready.empty() && static_cast<i64>(current->virtual_time - ready.begin()->virtual_time) > static_cast<i64>(tolerance);
}

}  // namespace tenon
