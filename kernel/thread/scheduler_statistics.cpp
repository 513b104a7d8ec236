// What the run queues tell about themselves: load, and how long CPUs stay in kernel code.

#include "kernel/thread/run_queue.h"
#include "kernel/thread/scheduler.h"

namespace tenon::scheduler {

void ask_for_points(u64 since)
{
    for (unsigned cpu = 0; cpu < arch::max_cpus; ++cpu) {
        RunQueue& queue = queues[cpu];
        {
            LockGuard guard(queue.lock);
            if (queue.current == queue.idle)
                continue;
            if (queue.asked_since == 0)
                queue.asked_since = since;
            queue.current->need_reschedule.store(true, std::memory_order_relaxed);
        }
        if (cpu != arch::cpu_index())
            arch::send_reschedule(cpu);
    }
}

void forget_longest_stay()
{
    for (RunQueue& queue : queues) {
        LockGuard guard(queue.lock);
        queue.asked_since = 0;
        queue.longest_stay = {};
    }
}

Stay longest_stay()
{
    Stay longest;
    for (RunQueue& queue : queues) {
        LockGuard guard(queue.lock);
        if (queue.longest_stay.nanoseconds > longest.nanoseconds)
            longest = queue.longest_stay;
    }
    return longest;
}

LoadStatistics statistics()
{
    LoadStatistics result{};
    for (unsigned cpu = 0; cpu < arch::max_cpus; ++cpu) {
        const RunQueue& queue = queues[cpu];
        result.idle_time[cpu] = queue.idle_time.load(std::memory_order_relaxed);
        result.user_time[cpu] = queue.user_time.load(std::memory_order_relaxed);
        result.system_time[cpu] = queue.system_time.load(std::memory_order_relaxed);
        result.context_switches += queue.switches.load(std::memory_order_relaxed);
        result.runnable += queue.length.load(std::memory_order_relaxed);
        result.runnable += (online.load(std::memory_order_relaxed) & set_of_cpu(cpu)) != 0 && !queue.idling.load(std::memory_order_relaxed) ? 1 : 0;
    }
    return result;
}

}  // namespace tenon::scheduler
