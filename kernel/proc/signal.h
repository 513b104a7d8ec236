#pragma once

#include <memory>
#include <optional>

#include "kernel/arch.h"
#include "kernel/lib/result.h"
#include "kernel/mm/ledger.h"
#include "kernel/proc/resource_limits.h"
#include "kernel/proc/signal_action.h"
#include "kernel/proc/signal_info.h"
#include "kernel/proc/user_thread.h"
#include <tenon/sync.h>

// Signals of processes: sending (every context), dispositions, and delivery on the way back to user space.

namespace tenon {

class Process;

// The signals of a process. Its lock protects what is here, the ThreadSignals of all its threads and, together with
// process_table::lock, the list of them; it nests inside process_table::lock, and run queues' locks nest inside it.
//
// A signal to the process is kept here until a thread takes it that does not block it; one such thread is woken. One to a thread is
// kept there.
class SignalState : NoCopy {
public:
    SignalState(Ref<SignalActions> actions, ThreadList& threads) : actions_(std::move(actions)), threads_(threads) {}

    Ref<SignalActions> actions() const;
    // For execve: the process shares its dispositions with no other any more, and handlers become default. Errno::nomem. The process
    // has one thread.
    Result<> reset_actions();
    SignalAction action(int number) const { return actions()->get(number); }
    // Returns the former action. A signal that becomes ignored stops being pending.
    SignalAction set_action(int number, const SignalAction& action);

    // Adds a thread to the process's list or takes it out; process_table::lock is held. What a leaving thread would have taken is
    // shown to the others. A thread enters stopping when the process is.
    enum class Stopping : bool { no, yes };
    void add_thread(UserThread& thread, Stopping stopping);
    void remove_thread(UserThread& thread);

    // Changes the mask of the calling thread; returns the former one.
    SignalSet set_blocked(SignalSet mask);
    // What is pending for the process, and for a thread alone.
    SignalSet pending() const;
    SignalSet pending(const UserThread& thread) const;
    bool is_pending_anywhere(int number) const;  // for the process or any thread

    // For rt_sigsuspend, ppoll, pselect6: the calling thread's mask until the call is over. The delivery of the signal that ends
    // the call restores the former mask, after the handler's frame has saved it.
    void set_temporary_mask(SignalSet mask);
    // Puts the former mask back when no signal came.
    void restore_mask();

    enum class HandledOnly : bool { no, yes };
    // Makes it pending for the process, or for `only`, unless it is not blocked and is ignored or (`handled_only`) would take its
    // default action; a thread that will look at it is woken. The first signal that is not blocked and whose default action is to end
    // the process without a dump of its memory decides: all threads are told, and nothing that they change afterwards saves them.
    // `limit`: how many the user may have queued. Errno::again when that leaves no room for what a program says with a real-time signal.
    Result<> post(const SignalInfo& info, UserThread* only, HandledOnly handled_only, u64 limit);
    // The calling thread ends: no signal is meant for it any more.
    void begin_end();
    // Makes it pending for the calling thread and certain to act: a process that blocks or ignores it loses that disposition.
    void post_forced(const SignalInfo& info);
    void discard(SignalSet numbers);

    // For the calling thread: takes one of `wanted` out.
    std::optional<SignalInfo> take(SignalSet wanted);
    // While it waits for them, signals of this set are kept even when they are ignored.
    void set_waited(SignalSet numbers);

    struct Due {
        SignalInfo info;
        SignalAction action;
        SignalSet former_mask;  // for the handler's frame
        bool forced = false;    // by a fault
    };
    // Takes the calling thread's next signal of `wanted` that is not blocked; for one with a handler the handler's mask is in force
    // afterwards.
    std::optional<Due> take_due(SignalSet wanted);
    // Stores whether the calling thread has something to look at in Thread::signal_pending.
    void refresh();

    // Tells every thread but `except` to end, or every thread to stop; or takes the order to stop back.
    void end_threads(const UserThread* except);
    void stop_threads();
    void cancel_stop();
    bool must_end() const;  // the calling thread
    bool is_told_to_end() const;  // the process, whole
    bool take_stop();       // the calling thread's order to stop, once

private:
    bool add_locked(PendingSignals& pending, const SignalInfo& info, u64 limit = ResourceLimit::infinity);
    SignalInfo take_locked(PendingSignals& pending, int number);
    void discard_locked(PendingSignals& pending, SignalSet numbers);
    bool is_fatal_locked(int number) const;
    void end_by_locked(int number);
    UserThread* choose_locked(int number, const UserThread* except = nullptr);
    void show_to_others_locked(const UserThread& thread, SignalSet numbers);
    void discard_locked(SignalSet numbers);
    void refresh_locked(UserThread& thread);

    mutable Spinlock lock_;
    Ref<SignalActions> actions_;  // replaced only while the process has one thread
    ThreadList& threads_;         // Process::threads
    PendingSignals pending_;      // for the process; for a thread: Thread::signals
    int fatal_ = 0;               // the signal that ends the process; 0: none yet
    ledger::Charge charge_{ledger::Kind::signals, sizeof(SignalState)};  // to the user who made the process
    ledger::Charge queued_charge_{ledger::Kind::queued_signals};         // for the process and for its threads; to the process's user
};

namespace signals {

// Sends to one process. Every context. Nothing happens when the process ignores it; the init process gets only what it handles.
void send(Process& process, const SignalInfo& info);
void send_locked(Process& process, const SignalInfo& info);  // with process_table::lock held
// Sends to one thread of it, as above; process_table::lock is held.
void send_to_thread_locked(UserThread& thread, const SignalInfo& info);
// What a program sends to a process or to one thread of it (null: to none in particular), within RLIMIT_SIGPENDING of that process:
// Errno::again as SignalState::post. What the kernel sends above is not bounded; each timer has one signal at a time.
Result<> send_for_program_locked(Process& process, UserThread* only, const SignalInfo& info);
// Makes the thread look at its signals wherever it is.
void alert(UserThread& thread);
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

// With process_table::lock held: the process begins to stop, a stop is over, and a thread has ended while others stop.
void stop_locked(Process& process, int number);
void continue_locked(Process& process);
void finish_stop_locked(Process& process);

}  // namespace signals
}  // namespace tenon
