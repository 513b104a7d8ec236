#pragma once

#include <array>
#include <atomic>

#include <boost/intrusive/list.hpp>

#include "kernel/proc/scheduler.h"
#include "kernel/proc/thread.h"
#include <tenon/sync.h>

namespace tenon {

// The threads of one CPU that could run, and the one that does. `lock` protects the list, `current` and the state changes of
// threads whose `cpu` this is. It stays held across a switch: the thread that is switched to releases it, so who finds a thread
// under the lock not to be `current` finds its registers saved.
struct alignas(64) RunQueue {
    using List = boost::intrusive::list<Thread, boost::intrusive::constant_time_size<false>>;

    Spinlock lock;
    List ready;                     // without `current`; never holds the idle thread
    Thread* current = nullptr;
    Thread* idle = nullptr;         // constant once the CPU is online
    Thread* previous = nullptr;     // who was switched away from, until the switch is finished
    std::atomic<u32> length{0};     // of `ready`, for other CPUs to look at without the lock
    std::atomic<bool> idling{false};
    std::atomic<bool> online{false};
    unsigned slice_left = 0;        // ticks; this CPU only

    // For wait_for_quiescence: counts switches and interrupts of user code. Written by this CPU only.
    std::atomic<u64> quiescent_points{0};

    // For kernel/proc/kernel_latency.h: since when a quiescent point is asked for (monotonic nanoseconds; 0: nobody asks), and the longest
    // answer. Protected by `lock`.
    u64 asked_since = 0;
    scheduler::Stay longest_stay;

    // Statistics, written by this CPU only. Times in counter() ticks.
    std::atomic<u64> idle_time{0};
    std::atomic<u64> user_time{0};
    std::atomic<u64> system_time{0};
    std::atomic<u64> switches{0};
};

namespace scheduler {

extern std::array<RunQueue, arch::max_cpus> queues;  // by CPU

// This CPU is in nobody's code here. The increment (release) comes after everything that the CPU did before: who sees the point counted
// sees that done. The fence puts everything that it does later behind the increment; it pairs with the fence in wait_for_quiescence(),
// so either the waiter has seen the point counted before it began, and waits for another, or this CPU sees what the waiter's caller
// made unreachable. Only this CPU writes its count, with interrupts off.
inline void pass_quiescent_point(RunQueue& queue)
{
    const u64 points = queue.quiescent_points.load(std::memory_order_relaxed);
    queue.quiescent_points.store(points + 1, std::memory_order_release);
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

}  // namespace scheduler

}  // namespace tenon
