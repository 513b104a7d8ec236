#pragma once

#include <atomic>
#include <string_view>

#include <boost/intrusive/set.hpp>

#include "kernel/arch.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include "kernel/runtime/stack_size.h"
#include "kernel/thread/fair_share.h"
#include "kernel/thread/kernel_stack.h"
#include "kernel/thread/sanitizer/lock_order.h"
#include <tenon/api.h>

namespace tenon {

class Process;
struct RunQueue;

struct RunQueueHook;

// A flow of control with its own kernel stack. A thread without a process runs only kernel code; those of processes are UserThreads
// (kernel/proc/user_thread.h), which know what programs see of them.
class Thread : public RefCounted, public boost::intrusive::set_base_hook<boost::intrusive::tag<RunQueueHook>> {
public:
    using ReadyHook = boost::intrusive::set_base_hook<boost::intrusive::tag<RunQueueHook>>;

    enum class State : u8 {
        embryo,    // made, never started
        runnable,  // on a run queue or running
        sleeping,  // off the run queues until wake()
        dead,      // will never run again
    };

    static constexpr usize stack_size = kernel_stack_size;

    // A thread of the kernel, not started yet. The entry function must not return: it ends with scheduler::exit_thread().
    static Result<Ref<Thread>> create(std::string_view name, void (*entry)(void*), void* argument);
    // The thread that a CPU's boot flow is; it runs on the stack that ends at `stack_top`.
    static Result<Ref<Thread>> adopt_boot_flow(std::string_view name, KernelAddr stack_top);
    virtual ~Thread();

    std::string_view name() const { return name_.view(); }
    void set_name(std::string_view name);
    Process* process() const { return process_; }
    KernelAddr stack_top() const { return stack_top_; }
    void run_entry() { entry_(argument_); }  // for the scheduler

    // For the scheduler, with the run queue's lock held and interrupts off. The CPU sees the memory of the thread's process from now on;
    // none without one.
    virtual void activate_memory() const;
    // For the scheduler, in the timer interrupt, without locks: the tick has been charged to this thread.
    virtual void note_tick() {}

    arch::ThreadContext context{};

    // Set by signal delivery (kernel/proc/signal.*): interruptible sleeps end with Errno::intr while it is set.
    std::atomic<bool> signal_pending{false};
    // Set when a signal is sent that will end the process (SignalState::post says which): killable sleeps and resched_point() end
    // with Errno::intr while it is set. The thread clears it when it begins to end.
    std::atomic<bool> fatal_signal_pending{false};
    // It ends on its way to user space: by exit_group, a fatal signal or execve of another thread.
    std::atomic<bool> must_end{false};
    // Where it books, found again when its user has changed; only kernel/mm/ledger.cpp changes it.
    std::atomic<ledger::Account*> account{nullptr};
    // How many allocations are left up to the one that is to fail (kernel/mm/allocation_failure.h); only the thread itself uses it.
    u32 failing_allocation = 0;
    [[no_unique_address]] lock_order::Held held_mutexes;
    u64 start_time = 0;  // monotonic nanoseconds
    // Cumulated counter() ticks, as the timer interrupt finds it, for /proc/PID/stat.
    std::atomic<u64> user_time{0};
    std::atomic<u64> system_time{0};

    // Owned by the scheduler (kernel/thread/scheduler.cpp says which lock protects what).
    std::atomic<State> state{State::embryo};
    std::atomic<unsigned> cpu{0};      // the CPU it runs on or ran on last
    std::atomic<bool> on_cpu{false};   // its registers are live on some CPU
    std::atomic<bool> need_reschedule{false};
    fair_share::Share share;
    std::atomic<u32> allowed_cpus{~0u};  // a bit for each CPU; changed by scheduler::set_allowed_cpus
    u64 virtual_time = 0;                // see RunQueue
    // The queue that it is ready on, or null, and in which of its two sets; changed with that queue's lock held.
    std::atomic<const RunQueue*> ready_on{nullptr};
    bool is_ready_urgently = false;
    bool borrows = false;          // its turn came before its share said so; only its CPU
    std::atomic<u32> urgency{0};   // how many things others may have to wait for until it has run on (scheduler::begin_urgency)
    std::atomic<u64> run_time{0};        // counter() ticks for which it ran, up to when it was charged last

    // Whether others may have to wait until it has run on: for what it does, or for its end.
    bool keeps_others_waiting() const { return urgency.load() != 0 || fatal_signal_pending.load() || must_end.load(); }
    bool may_run_on(unsigned number) const { return (allowed_cpus.load() >> number & 1) != 0; }

protected:
    explicit Thread(Process* process) : process_(process) {}
    // Gives it a name, a stack and what it is to run.
    Result<> prepare(std::string_view name, void (*entry)(void*), void* argument);

private:
    FixedText<15> name_;
    Process* const process_;
    KernelStack stack_;  // empty for the boot CPU's idle thread
    KernelAddr stack_top_;
    void (*entry_)(void*) = nullptr;
    void* argument_ = nullptr;
};

}  // namespace tenon
