#pragma once

#include <array>
#include <atomic>

#include <boost/intrusive/set.hpp>

#include "kernel/lib/cpu_set.h"
#include "kernel/thread/scheduler.h"
#include "kernel/thread/thread.h"
#include <tenon/sync.h>

namespace tenon {

// The threads of one CPU that could run, and the one that does. `lock` protects the set, `current` and the state changes of
// threads whose `cpu` this is. It stays held across a switch: the thread that is switched to releases it, so who finds a thread
// under the lock not to be `current` finds its registers saved.
//
// Each thread has a virtual time (kernel/thread/fair_share.h), which passes while it runs; the ready thread with the smallest one is next.
// Outside the queue (asleep, on its way to another CPU) only its lead over `floor` counts.
//
// What many wait for must not wait for a share. Threads that keep others waiting (Thread::keeps_others_waiting) take turns of their own, in
// the order in which they came, and every second turn is one of theirs: the n-th of them runs after 2 * n turns at most, and the others
// keep half of the CPU. Their virtual time passes as ever, so as soon as they keep nobody waiting they give back what they have borrowed.
struct alignas(64) RunQueue {
    struct Earlier {
        // Differences, so that the times may wrap.
        bool operator()(const Thread& a, const Thread& b) const { return static_cast<i64>(a.virtual_time - b.virtual_time) < 0; }
    };
    using Set = boost::intrusive::multiset<Thread, boost::intrusive::base_hook<Thread::ReadyHook>, boost::intrusive::compare<Earlier>,
                                           boost::intrusive::constant_time_size<false>>;

    struct InOrderOfArrival {
        bool operator()(const Thread&, const Thread&) const { return false; }
    };
    using Line = boost::intrusive::multiset<Thread, boost::intrusive::base_hook<Thread::ReadyHook>, boost::intrusive::compare<InOrderOfArrival>,
                                            boost::intrusive::constant_time_size<false>>;

    Spinlock lock;
    Set ready;                      // without `current` and those of `urgent`; never holds the idle thread
    Line urgent;                    // ready, too, and others wait for them
    bool last_was_urgent = false;   // whose turn it was last
    u64 floor = 0;                  // nobody in `ready` has less virtual time
    Thread* current = nullptr;
    Thread* idle = nullptr;         // constant once the CPU is online
    Thread* previous = nullptr;     // who was switched away from, until the switch is finished
    bool previous_moves = false;    // it is runnable and may not stay on this CPU
    u64 charged_until = 0;          // counter() up to which `current` has been charged; this CPU only
    std::atomic<u32> length{0};     // of `ready` and `urgent`, for other CPUs to look at without the lock
    std::atomic<bool> idling{false};

    // For wait_for_quiescence: counts switches and interrupts of user code. Written by this CPU only.
    std::atomic<u64> quiescent_points{0};

    // Set by who waits for this CPU and wants the log to say where it is; it clears it when it has.
    std::atomic<bool> must_tell{false};

    // For kernel/proc/kernel_latency.h: since when a quiescent point is asked for (monotonic nanoseconds; 0: nobody asks), and the longest
    // answer. Protected by `lock`.
    u64 asked_since = 0;
    scheduler::Stay longest_stay;

    // Statistics, written by this CPU only. Times in counter() ticks.
    std::atomic<u64> idle_time{0};
    std::atomic<u64> user_time{0};
    std::atomic<u64> system_time{0};
    std::atomic<u64> switches{0};

    // All with `lock` held.
    void enter(Thread& thread);  // one that comes from elsewhere, ready to run
    void leave(Thread& thread);  // one that is not in `ready` (any more) and goes elsewhere
    void insert(Thread& thread);  // one that has run here and is ready to go on
    void hurry(Thread& thread);   // one that has begun to keep others waiting, if it is ready here
    bool has_ready() const { return !ready.empty() || !urgent.empty(); }
    Thread& take_first();  // whose turn it is, of at least one
    Thread* take_first_for(unsigned cpu);  // the first one that may run there; null when there is none
    void take(Thread& thread);
    // Charges `current` for the time since the last call.
    void charge_current();
    // Whether `current` has had so much more than its share that another thread should run, or others wait for one that is ready.
    bool is_over_share() const;

private:
    template <typename Threads>
    Thread* take_first_for(unsigned cpu, Threads& threads);
};

namespace scheduler {

extern std::array<RunQueue, arch::max_cpus> queues;  // by CPU
extern std::atomic<CpuSet> online;  // CPUs with a queue that is set up (release; read with acquire); none ever leaves

// This CPU is in nobody's code here. The increment (release) comes after everything that the CPU did before: who sees the point counted
// sees that done. The fence puts everything that it does later behind the increment; it pairs with the fence in wait_for_quiescence(),
// so either the waiter has seen the point counted before it began, and waits for another, or this CPU sees what the waiter's caller
// made unreachable (litmus: Quiescence.NobodyUsesWhatIsFreed). Only this CPU writes its count, with interrupts off.
inline void pass_quiescent_point(RunQueue& queue)
{
    const u64 points = queue.quiescent_points.load(std::memory_order_relaxed);
    queue.quiescent_points.store(points + 1, std::memory_order_release);
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

}  // namespace scheduler

}  // namespace tenon
