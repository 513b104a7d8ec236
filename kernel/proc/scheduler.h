#pragma once

#include "kernel/lib/types.h"
#include "kernel/proc/thread.h"

// Per-CPU round-robin run queues; a woken thread goes to its last CPU when that is idle, else to an idle CPU, else to its last;
// idle CPUs steal. Time slices are enforced only on return to user space.

namespace tenon::scheduler {

void start_thread(Thread& thread);  // embryo -> runnable; the scheduler takes its own reference
void yield();
[[noreturn]] void exit_thread();    // drops the scheduler's reference after the thread left its stack

// Sleeping is built by WaitQueue on these two. block() returns at once when wake() came after prepare_to_block().
void prepare_to_block();
void cancel_block();
void block();
void wake(Thread& thread);  // every context; nothing happens unless it sleeps or is about to

// From the timer interrupt of this CPU.
void tick(bool from_user);
// Called on the way to user space, interrupts on or off: switches when the time slice is over.
void reschedule_if_needed();

// The boot flow of a CPU becomes its idle thread.
[[noreturn]] void run_idle();
unsigned online_cpus();

struct LoadStatistics {
    u64 idle_time[arch::max_cpus];  // counter() ticks
    u64 user_time[arch::max_cpus];
    u64 system_time[arch::max_cpus];
    u64 context_switches;
    u32 runnable;
};
LoadStatistics statistics();

}  // namespace tenon::scheduler
