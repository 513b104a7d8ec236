#pragma once

#include "kernel/lib/cpu_set.h"
#include "kernel/thread/thread.h"

// A run queue for each CPU, shared by its threads in proportion to their nice values; a woken thread goes to its last CPU when that
// is idle, else to an idle CPU, else to its last, always within the CPUs that it may run on; idle CPUs steal. Who has had more than its
// share is switched away from on return to user space and at resched_point(). Whom others have to wait for has his turn sooner.

namespace tenon::scheduler {

constexpr u64 tick_rate = 100;  // timer interrupts per second that the architecture delivers to tick()

// embryo -> runnable; the scheduler takes its own reference. A thread of a process inherits the caller's nice value and CPUs.
void start_thread(Thread& thread);
void yield();
void begin_thread(void* thread);    // where every new thread's context starts
[[noreturn]] void exit_thread();    // drops the scheduler's reference after the thread left its stack

// Sleeping is built by WaitQueue on these two. block() returns at once when wake() came after prepare_to_block().
void prepare_to_block();
void cancel_block();
void block();
void wake(Thread& thread);  // every context; nothing happens unless it sleeps or is about to

// Others may have to wait from now on until the thread has run on, so it has its turn soon, whatever its share (RunQueue). begin_urgency is
// for the calling thread, or for one that cannot end meanwhile, in every context; end_urgency for the calling thread.
void begin_urgency(Thread& thread);
void end_urgency();
// The same after a change of what else makes it keep others waiting (Thread::keeps_others_waiting): it is told to end.
void hurry(Thread& thread);

// From now on the thread runs on these CPUs only (a bit for each, at least one that is online). The calling thread is on one of them
// when this returns, another one leaves its CPU at its next chance. Takes no reference.
void set_allowed_cpus(Thread& thread, CpuSet cpus);

// From the timer interrupt of this CPU.
void tick(bool from_user);
// Brings Thread::run_time of the calling thread up to now.
void charge_caller();
// Called on the way to user space, interrupts on or off: switches when the time slice is over.
void reschedule_if_needed();

// The calling boot flow becomes `thread` and later, by run_idle(), the idle thread of this CPU.
void adopt_boot_flow(Ref<Thread> thread);
// Enters the idle loop; from then on other CPUs may give this one threads. Turns interrupts on.
[[noreturn]] void run_idle();
unsigned online_cpus();
// Whether the CPU is idle, outside of interrupt handlers. When it wakes it sees everything that was stored before this was asked, and
// executes nothing that it had fetched before.
bool is_asleep(unsigned cpu);

// Returns when every CPU has, since the call, left the kernel code it was in: it ran user code, idled or switched threads. Code
// that was unreachable before the call is not being executed afterwards, except by threads that sleep inside it. Blocks. When a CPU has kept
// the caller waiting for watchdog_seconds() the log says which, where it is and who waits, and again each time that much later.
struct WhoWaits {
    std::string_view purpose;  // "removal"
    std::string_view module;
};
void wait_for_quiescence(WhoWaits who);
// Handles the interrupt of arch::send_reschedule(), which does most of its work by arriving.
void answer_reschedule();
u32 watchdog_seconds();
void set_watchdog_seconds(u32 seconds);  // 0: it says nothing
void note_interrupted_user();  // when the handlers of an interrupt that came in user code have run; interrupts off

// A time that a CPU spent in kernel code without a quiescent point, and whose.
struct Stay {
    u64 nanoseconds = 0;
    FixedText<15> thread;
    u64 system_call = 0;  // the last one that it made
};
// For kernel/proc/kernel_latency.*. ask_for_points is called by a timer that was due at `since`; every CPU that runs a thread then
// passes a quiescent point at its next chance, and how long that took counts.
void ask_for_points(u64 since);
void forget_longest_stay();
Stay longest_stay();  // of all CPUs

struct LoadStatistics {
    u64 idle_time[arch::max_cpus];  // counter() ticks
    u64 user_time[arch::max_cpus];
    u64 system_time[arch::max_cpus];
    u64 context_switches;
    u32 runnable;  // running or waiting for a CPU, idle threads not counted
};
LoadStatistics statistics();

}  // namespace tenon::scheduler
