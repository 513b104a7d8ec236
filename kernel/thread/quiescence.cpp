// Waiting until every CPU has left the kernel code that it is in, and the points where long-running code leaves.

#include <array>
#include <bit>

#include "kernel/lib/cpu_set.h"
#include "kernel/thread/run_queue.h"
#include "kernel/thread/scheduler.h"
#include <tenon/time.h>

namespace tenon {
namespace scheduler {
namespace {

// What runs on `cpu` passes a quiescent point at its next chance: at once when it is user code, else at its next resched_point().
void request_quiescent_point(unsigned cpu)
{
    {
        RunQueue& queue = queues[cpu];
        LockGuard guard(queue.lock);
        if (queue.current != queue.idle)
            queue.current->need_reschedule.store(true, std::memory_order_relaxed);
    }
    arch::send_reschedule(cpu);
}

}  // namespace

void note_interrupted_user()
{
    pass_quiescent_point(queues[arch::cpu_index()]);
}

void wait_for_quiescence()
{
    // Pairs with pass_quiescent_point() and run_idle(): what the caller made unreachable is so for everybody before the points are looked
    // at (litmus: Quiescence.NobodyUsesWhatIsFreed), and for a CPU that is seen asleep when it wakes
    // (litmus: Quiescence.SleepingCpusAreNotWaitedFor).
    std::atomic_thread_fence(std::memory_order_seq_cst);
    std::array<u64, arch::max_cpus> before;  // of the others
    CpuSet others = 0;
    const unsigned self = arch::cpu_index();
    for (unsigned cpu = 0; cpu < arch::max_cpus; ++cpu)
        if (cpu != self && queues[cpu].online.load(std::memory_order_acquire)) {
            before[cpu] = queues[cpu].quiescent_points.load(std::memory_order_acquire);
            others |= set_of_cpu(cpu);
        }
    for (; others != 0; others &= others - 1) {
        const unsigned cpu = static_cast<unsigned>(std::countr_zero(others));
        RunQueue& queue = queues[cpu];
        const auto passed = [&] {
            return cpu == arch::cpu_index() || !queue.online.load(std::memory_order_acquire) || is_asleep(cpu) ||
                   queue.quiescent_points.load(std::memory_order_acquire) != before[cpu];
        };
        while (!passed()) {
            request_quiescent_point(cpu);
            constexpr u64 pause = 100'000;  // nanoseconds
            (void)sleep_for(pause, Interruptible::no);
        }
    }
}

}  // namespace scheduler

Result<> resched_point()
{
    scheduler::reschedule_if_needed();
    if (arch::current_thread().fatal_signal_pending.load(std::memory_order_relaxed)) [[unlikely]]
        return fail(Errno::intr);
    return {};
}

Result<> signal_point()
{
    scheduler::reschedule_if_needed();
    if (arch::current_thread().signal_pending.load(std::memory_order_relaxed)) [[unlikely]]
        return fail(Errno::intr);
    return {};
}

}  // namespace tenon
