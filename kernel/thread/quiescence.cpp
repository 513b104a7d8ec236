// Waiting until every CPU has left the kernel code that it is in, and the points where long-running code leaves.

#include <array>
#include <bit>

#include "kernel/lib/bug.h"
#include "kernel/lib/cpu_set.h"
#include "kernel/thread/blocking.h"
#include "kernel/thread/run_queue.h"
#include "kernel/thread/sanitizer/long_calls.h"
#include "kernel/thread/scheduler.h"
#include <tenon/log.h>
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

constinit std::atomic<u32> patience_seconds{10};

// Tells of a CPU that keeps its waiter waiting.
class Watchdog {
public:
    Watchdog(unsigned cpu, WhoWaits who) : cpu_(cpu), who_(who) {}

    // To be called again and again.
    void look()
    {
        const u64 now = monotonic_now();
        const u64 patience = watchdog_seconds() * nanoseconds_per_second;
        if (patience != 0 && now - told_ >= patience)
            tell(now);
        else if (asked_ && now - told_ >= answer_time)
            tell_of_silence();
    }

private:
    static constexpr u64 answer_time = nanoseconds_per_second / 4;

    void tell(u64 now)
    {
        told_ = now;
        asked_ = true;
        log::error("", "CPU {} has passed no quiescent point for {} s: {} of module {} waits for it", cpu_,
                   (now - begin_) / nanoseconds_per_second, who_.purpose, who_.module);
        queues[cpu_].must_tell.store(true, std::memory_order_relaxed);
        arch::send_reschedule(cpu_);
    }
    // Where it is, only it could tell.
    void tell_of_silence()
    {
        asked_ = false;
        RunQueue& queue = queues[cpu_];
        if (!queue.must_tell.exchange(false, std::memory_order_relaxed))
            return;
        FixedText<15> name;
        {
            LockGuard guard(queue.lock);
            name.write(queue.current->name());
        }
        log::error("", "CPU {} takes no interrupts; it runs thread {}", cpu_, name.view());
    }

    const unsigned cpu_;
    const WhoWaits who_;
    const u64 begin_ = monotonic_now();
    u64 told_ = begin_;
    bool asked_ = false;  // where it is, and has not been found to be silent
};

}  // namespace

void note_interrupted_user()
{
    pass_quiescent_point(queues[arch::cpu_index()]);
}

void answer_reschedule()
{
    if (queues[arch::cpu_index()].must_tell.exchange(false, std::memory_order_relaxed)) [[unlikely]]
        report_bug_in("no quiescent point", *arch::interrupted_registers());
}

u32 watchdog_seconds()
{
    return patience_seconds.load(std::memory_order_relaxed);
}

void set_watchdog_seconds(u32 seconds)
{
    patience_seconds.store(seconds, std::memory_order_relaxed);
}

void wait_for_quiescence(WhoWaits who)
{
    // Pairs with pass_quiescent_point() and run_idle(): what the caller made unreachable is so for everybody before the points are looked
    // at (litmus: Quiescence.NobodyUsesWhatIsFreed), and for a CPU that is seen asleep when it wakes
    // (litmus: Quiescence.SleepingCpusAreNotWaitedFor).
    std::atomic_thread_fence(std::memory_order_seq_cst);
    std::array<u64, arch::max_cpus> before;  // of the others
    // Pairs with adopt_boot_flow() (litmus: Publication.ArrivalOfACpu).
    CpuSet others = online.load(std::memory_order_acquire) & ~set_of_cpu(arch::cpu_index());
    for (CpuSet rest = others; rest != 0; rest &= rest - 1) {
        const unsigned cpu = static_cast<unsigned>(std::countr_zero(rest));
        before[cpu] = queues[cpu].quiescent_points.load(std::memory_order_acquire);
    }
    for (; others != 0; others &= others - 1) {
        const unsigned cpu = static_cast<unsigned>(std::countr_zero(others));
        RunQueue& queue = queues[cpu];
        const auto passed = [&] {
            return cpu == arch::cpu_index() || is_asleep(cpu) ||
                   queue.quiescent_points.load(std::memory_order_acquire) != before[cpu];
        };
        if (passed())
            continue;
        Watchdog watchdog(cpu, who);
        do {
            request_quiescent_point(cpu);
            constexpr u64 pause = 100'000;  // nanoseconds
            (void)sleep_for(pause, Interruptible::no);
            watchdog.look();
        } while (!passed());
    }
}

}  // namespace scheduler

namespace {

// What is rarely due, apart from the two looks that each point costs.
[[gnu::noinline]] Result<> stop_here(const std::atomic<bool>& signal)
{
    require_may_block();
    scheduler::reschedule_if_needed();
    if (signal.load(std::memory_order_relaxed))
        return fail(Errno::intr);
    return {};
}

Result<> point(const Thread& thread, const std::atomic<bool>& signal)
{
    long_calls::note_point();
    const bool is_due = thread.need_reschedule.load(std::memory_order_relaxed) || signal.load(std::memory_order_relaxed);
    if (is_due || !may_block()) [[unlikely]]
        return stop_here(signal);
    return {};
}

}  // namespace

Result<> resched_point()
{
    const Thread& thread = arch::current_thread();
    return point(thread, thread.fatal_signal_pending);
}

Result<> signal_point()
{
    const Thread& thread = arch::current_thread();
    return point(thread, thread.signal_pending);
}

}  // namespace tenon
