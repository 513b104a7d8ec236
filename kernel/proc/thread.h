#pragma once

#include <atomic>
#include <string_view>
#include <utility>

#include <boost/intrusive/list.hpp>

#include "kernel/arch.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include "kernel/mm/kernel_stack.h"
#include "kernel/proc/credentials.h"
#include <tenon/sync.h>

namespace tenon {

class Process;

// A flow of control with its own kernel stack. A thread without a process runs only kernel code.
class Thread final : public RefCounted, public boost::intrusive::list_base_hook<> {
public:
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
    u32 id() const { return id_; }
    Process* process() const { return process_; }
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

    // Set by signal delivery (kernel/proc/signal.*): interruptible sleeps end with Errno::intr while it is set.
    std::atomic<bool> signal_pending{false};
    // Set when a signal is sent that will end the process (SignalState::post says which): killable sleeps and resched_point() end
    // with Errno::intr while it is set. The thread clears it when it begins to end.
    std::atomic<bool> fatal_signal_pending{false};
    // Where it books, found again when its user has changed; only kernel/mm/ledger.cpp changes it.
    std::atomic<ledger::Account*> account{nullptr};
    // Cumulated counter() ticks, for /proc/PID/stat.
    std::atomic<u64> user_time{0};
    std::atomic<u64> system_time{0};

    // Owned by the scheduler (kernel/proc/scheduler.cpp says which lock protects what).
    std::atomic<State> state{State::embryo};
    std::atomic<unsigned> cpu{0};      // the CPU it runs on or ran on last
    std::atomic<bool> on_cpu{false};   // its registers are live on some CPU
    std::atomic<bool> need_reschedule{false};

private:
    Thread() : credentials_(&Credentials::root()), acting_(credentials_.get()) {}

    FixedText<15> name_;
    u32 id_ = 0;
    Process* process_ = nullptr;
    KernelStack stack_;  // empty for the boot CPU's idle thread
    KernelAddr stack_top_;
    void (*entry_)(void*) = nullptr;
    void* argument_ = nullptr;
    mutable Spinlock credentials_lock_;   // protects credentials_ against share_credentials()
    Ref<const Credentials> credentials_;  // only the thread itself replaces them
    const Credentials* acting_;           // credentials_, unless it acts with others
};

}  // namespace tenon
