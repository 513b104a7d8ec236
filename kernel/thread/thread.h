#pragma once

#include <atomic>
#include <memory>
#include <string_view>
#include <utility>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include "kernel/arch.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include "kernel/proc/credentials.h"
#include "kernel/proc/interrupted_call.h"
#include "kernel/proc/thread_signals.h"
#include "kernel/thread/fair_share.h"
#include "kernel/thread/kernel_stack.h"
#include <tenon/sync.h>

namespace tenon {

class Process;
struct RunQueue;

struct ThreadGroupHook;
struct RunQueueHook;

// A flow of control with its own kernel stack. A thread without a process runs only kernel code; one that has ended is counted out of
// its process (thread_groups::leave) and touches neither it nor user memory any more.
class Thread final : public RefCounted,
                     public boost::intrusive::set_base_hook<boost::intrusive::tag<RunQueueHook>>,
                     public boost::intrusive::list_base_hook<boost::intrusive::tag<ThreadGroupHook>>,
                     public boost::intrusive::set_base_hook<> {
public:
    using ReadyHook = boost::intrusive::set_base_hook<boost::intrusive::tag<RunQueueHook>>;
    using GroupHook = boost::intrusive::list_base_hook<boost::intrusive::tag<ThreadGroupHook>>;

    enum class State : u8 {
        embryo,    // made, never started
        runnable,  // on a run queue or running
        sleeping,  // off the run queues until wake()
        dead,      // will never run again
    };

    static constexpr usize stack_size = 16 * 1024;

    // Not started yet. The entry function must not return: it ends with scheduler::exit_thread().
    static Result<Ref<Thread>> create(std::string_view name, void (*entry)(void*), void* argument, Process* process);
    // The thread that a CPU's boot flow is; it runs on the stack that ends at `stack_top`.
    static Result<Ref<Thread>> adopt_boot_flow(std::string_view name, KernelAddr stack_top);
    ~Thread();

    std::string_view name() const { return name_.view(); }
    void set_name(std::string_view name);
    // The thread id of user space, 0 for kernel threads. Changes once at most, when a thread other than the leader executes a program
    // (process_table::lock).
    u32 id() const { return id_.load(std::memory_order_relaxed); }
    void set_id(u32 id) { id_.store(id, std::memory_order_relaxed); }
    Process* process() const { return process_; }
    // Whether it is among its process's threads: it was started and has not ended.
    bool is_in_group() const { return GroupHook::is_linked(); }
    bool operator<(const Thread& other) const { return id() < other.id(); }
    KernelAddr stack_top() const { return stack_top_; }
    void run_entry() { entry_(argument_); }  // for the scheduler

    // Those that it acts with; only for the thread itself (current_credentials()).
    const Credentials& credentials() const { return *acting_; }
    // Its own, for everybody; usable under spinlocks.
    Ref<const Credentials> share_credentials() const;
    // By the thread itself, or before it starts. Not while it acts with others.
    void set_credentials(Ref<const Credentials> credentials);
    // For ActingAs: `credentials` stay alive until the next call. Returns what was in force.
    const Credentials* act_as(const Credentials* credentials) { return std::exchange(acting_, credentials); }

    arch::ThreadContext context{};

    ThreadSignals signals;
    // Where the id is stored as 0, and sleepers woken, when the thread ends (set_tid_address). Only the thread itself uses it.
    UserPtr<u32> clear_child_id;
    // Start of the list of locks that it holds (set_robust_list); others may ask for it.
    std::atomic<u64> robust_list{0};
    InterruptedCall interrupted_call;  // only the thread itself uses it
    // One line: why its last init_module failed (/proc/self/module_error). Only the thread itself sees it.
    std::unique_ptr<FixedText<480>> module_error;

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
    u64 start_time = 0;  // monotonic nanoseconds
    // PR_SET_TIMERSLACK, nanoseconds: kept for the program, and not used, since timers here are as exact as the machine's.
    u64 timer_slack = 50'000;
    u64 usual_timer_slack = 50'000;  // what 0 stands for
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

private:
    Thread() : credentials_(&Credentials::root()), acting_(credentials_.get()) {}

    FixedText<15> name_;
    std::atomic<u32> id_{0};
    Process* process_ = nullptr;
    KernelStack stack_;  // empty for the boot CPU's idle thread
    KernelAddr stack_top_;
    void (*entry_)(void*) = nullptr;
    void* argument_ = nullptr;
    mutable Spinlock credentials_lock_;   // protects credentials_ against share_credentials()
    Ref<const Credentials> credentials_;  // only the thread itself replaces them
    const Credentials* acting_;           // credentials_, unless it acts with others
};

// The threads of a process.
using ThreadList = boost::intrusive::list<Thread, boost::intrusive::base_hook<Thread::GroupHook>>;

}  // namespace tenon
