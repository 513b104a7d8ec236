#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>

#include <boost/intrusive/list.hpp>

#include "kernel/arch.h"
#include "kernel/lib/result.h"
#include "kernel/mm/ledger.h"
#include "kernel/proc/signal_info.h"
#include "kernel/proc/signal_set.h"
#include <tenon/sync.h>

// Signals of processes: sending (every context), dispositions, and delivery on the way back to user space.

namespace tenon {

class Process;
class Thread;

// struct sigaction of arm64 Linux, as rt_sigaction passes it.
struct SignalAction {
    static constexpr u64 handler_default = 0;
    static constexpr u64 handler_ignore = 1;
    static constexpr u64 no_child_stop = 1;
    static constexpr u64 no_child_wait = 2;
    static constexpr u64 with_info = 4;
    static constexpr u64 restorer_given = 0x0400'0000;
    static constexpr u64 on_alternate_stack = 0x0800'0000;
    static constexpr u64 restart = 0x1000'0000;
    static constexpr u64 no_defer = 0x4000'0000;
    static constexpr u64 reset_handler = 0x8000'0000;

    u64 handler = handler_default;
    u64 flags = 0;
    u64 restorer = 0;
    SignalSet mask;

    bool is_default() const { return handler == handler_default; }
    bool is_ignored() const { return handler == handler_ignore; }
    bool has_handler() const { return !is_default() && !is_ignored(); }
};
static_assert(sizeof(SignalAction) == 32);

// stack_t.
struct SignalStack {
    static constexpr u32 on_stack = 1;
    static constexpr u32 disabled = 2;

    u64 start = 0;
    u32 flags = disabled;
    u32 padding = 0;
    u64 size = 0;

    // Whether `stack_pointer` stands inside it.
    bool contains(u64 stack_pointer) const { return flags != disabled && stack_pointer - start - 1 < size; }
};
static_assert(sizeof(SignalStack) == 24);

struct PendingSignal : boost::intrusive::list_base_hook<> {
    SignalInfo info;
};

// The signals of one process. `lock` protects everything here and nests inside process_table::lock. A process has one
// thread that runs user code, so the mask and the alternate stack stand here too.
class SignalState : NoCopy {
public:
    SignalState() = default;
    ~SignalState();

    // Dispositions and mask are inherited by fork, what is pending is not.
    Result<std::unique_ptr<SignalState>> clone() const;
    // For execve: handlers become default, the alternate stack goes.
    void reset_handlers();

    SignalAction action(int number) const;
    // Returns the former action. A signal that becomes ignored stops being pending.
    SignalAction set_action(int number, const SignalAction& action);
    bool ignores(int number) const;  // also when the default action is to ignore

    SignalSet blocked() const;
    // Returns the former mask. Only the process itself changes its mask.
    SignalSet set_blocked(SignalSet mask);
    SignalSet pending() const;

    // For rt_sigsuspend, ppoll, pselect6: the mask until the call is over. The delivery of the signal that ends
    // the call restores the former mask, after the handler's frame has saved it.
    void set_temporary_mask(SignalSet mask);
    // Puts the former mask back when no signal came.
    void restore_mask();

    enum class HandledOnly : bool { no, yes };
    enum class Posted : u8 {
        nothing,  // ignored, blocked, or known already
        due,      // the thread must look at its signals
        fatal,    // the same, and the process will end by this one whatever it does meanwhile
    };
    // Makes it pending, unless it is not blocked and is ignored or (`handled_only`) would take its default action. The first signal
    // that is not blocked and whose default action is to end the process without a dump of its memory decides: nothing that the
    // process changes afterwards saves it.
    Posted post(const SignalInfo& info, HandledOnly handled_only);
    // The process has begun to end: no signal is fatal any more.
    void begin_end();
    // Makes it pending and certain to act: a process that blocks or ignores it loses that disposition.
    void post_forced(const SignalInfo& info);
    void discard(SignalSet numbers);
    // Takes one of `wanted` out.
    std::optional<SignalInfo> take(SignalSet wanted);
    // While a thread waits for them, signals of this set are kept even when they are ignored.
    void set_waited(SignalSet numbers);

    struct Due {
        SignalInfo info;
        SignalAction action;
        SignalSet former_mask;  // for the handler's frame
        bool forced = false;    // by a fault
    };
    // Takes the next signal of `wanted` that is not blocked; for one with a handler the handler's mask is in force afterwards.
    std::optional<Due> take_due(SignalSet wanted);
    // Stores whether there is something to deliver in `flag` (Thread::signal_pending).
    void refresh(std::atomic<bool>& flag) const;

    SignalStack alternate_stack;  // only the process itself uses it
    WaitQueue arrivals;           // rt_sigtimedwait and rt_sigsuspend sleep here

private:
    using Queue = boost::intrusive::list<PendingSignal>;
    static constexpr usize max_queued = 1024;

    bool ignores_locked(int number) const;
    void book_queue_locked() { charge_.set(sizeof(SignalState) + queue_.size() * sizeof(PendingSignal)); }
    bool is_fatal_locked(int number) const;
    void discard_locked(SignalSet numbers);
    void add_locked(const SignalInfo& info);
    SignalInfo take_locked(int number);

    mutable Spinlock lock_;
    std::array<SignalAction, signal_number::count> actions_;  // [number - 1]
    SignalSet blocked_;
    std::optional<SignalSet> saved_blocked_;  // while a temporary mask is in force
    SignalSet pending_;
    SignalSet waited_;
    SignalSet forced_;  // of pending_: posted by post_forced
    int fatal_ = 0;     // the signal that ends the process; 0: none yet
    bool ending_ = false;
    ledger::Charge charge_{ledger::Kind::signals, sizeof(SignalState)};  // to the user who made the process
    Queue queue_;  // what is known about pending signals; a standard signal at most once
};

namespace signals {

// Sends to one process. Every context. Nothing happens when the process ignores it; the init process gets only what it handles.
void send(Process& process, const SignalInfo& info);
void send_locked(Process& process, const SignalInfo& info);  // with process_table::lock held
// Tells the parent that a child has ended, stopped or continued; process_table::lock is held.
void notify_parent_locked(Process& child, i32 code, i32 status);
// To every process of a group. Errno::srch when there is none.
Result<> send_to_group(u32 group, const SignalInfo& info);

// For the terminal: the caller may not use it now because its group is in the background. Sends `number` (SIGTTIN, SIGTTOU) to
// the caller's group and returns the errno for the call: restart when the signal will act, io when it cannot
// (ignored, blocked or an orphaned group).
Errno stop_background(int number);

// A fault of the current thread's user code: cannot be ignored or blocked away.
void force(const SignalInfo& info);

// Waits for one of `wanted` and takes it. Errno::again at the deadline, intr for another signal.
Result<SignalInfo> wait_for(SignalSet wanted, u64 deadline);

// Delivers what is pending to the current thread and finishes an interrupted system call; may not return (the process ends)
// and may block (it is stopped). Called with interrupts on.
void deliver(arch::UserRegisters& registers);

// Recomputes Thread::signal_pending of the current thread after its mask changed.
void update_pending();

}  // namespace signals
}  // namespace tenon
