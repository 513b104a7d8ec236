#include "kernel/proc/signal.h"

#include "kernel/proc/process.h"
#include "kernel/proc/process_groups.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/scheduler.h"

namespace tenon::signals {

namespace {

constexpr u32 init_id = 1;

// Makes the thread look at its signals wherever it is.
void alert(Thread& thread)
{
    thread.signal_pending.store(true, std::memory_order_seq_cst);
    scheduler::wake(thread);
    if (&thread != &arch::current_thread() && thread.on_cpu.load())
        arch::send_reschedule(thread.cpu.load());
}

void continue_locked(Process& process)
{
    if (process.state != Process::State::stopped)
        return;
    process.state = Process::State::running;
    process.stop_reported = true;
    process.continued.wake_all();
}

}  // namespace

void send_locked(Process& process, const SignalInfo& info)
{
    if (process.state == Process::State::zombie || !process.signals || !process.thread)
        return;
    SignalState& state = *process.signals;
    if (info.number == signal_number::continue_) {
        state.discard(stop_signals);
        if (process.state == Process::State::stopped) {
            continue_locked(process);
            process.continue_reported = false;
            notify_parent_locked(process, SignalInfo::child_continued, signal_number::continue_);
        }
    } else if (stop_signals.contains(info.number)) {
        state.discard(SignalSet::of(signal_number::continue_));
    } else if (info.number == signal_number::kill) {
        continue_locked(process);
    }
    const auto handled_only = process.id == init_id ? SignalState::HandledOnly::yes : SignalState::HandledOnly::no;
    const SignalState::Posted posted = state.post(info, handled_only);
    if (posted == SignalState::Posted::nothing)
        return;
    if (posted == SignalState::Posted::fatal)
        process.thread->fatal_signal_pending.store(true, std::memory_order_seq_cst);
    alert(*process.thread);
    state.arrivals.wake_all();
}

void send(Process& process, const SignalInfo& info)
{
    LockGuard guard(process_table::lock);
    send_locked(process, info);
}

Result<> send_to_group(u32 group, const SignalInfo& info)
{
    LockGuard guard(process_table::lock);
    bool found = false;
    process_table::for_each_locked([&](Process& process) {
        if (process.group != group)
            return;
        found = true;
        if (info.number != 0)
            send_locked(process, info);
    });
    if (!found)
        return fail(Errno::srch);
    return {};
}

void notify_parent_locked(Process& child, i32 code, i32 status)
{
    Process* parent = child.parent;
    if (parent == nullptr)
        return;
    const bool about_stopping = code == SignalInfo::child_stopped || code == SignalInfo::child_continued;
    const bool unwanted = about_stopping && parent->signals &&
                          (parent->signals->action(signal_number::child).flags & SignalAction::no_child_stop) != 0;
    if (!unwanted && child.exit_signal != 0) {
        SignalInfo info = SignalInfo::child(code, child.id, child.share_credentials()->user.real, status);
        info.number = about_stopping ? signal_number::child : child.exit_signal;
        send_locked(*parent, info);
    }
    parent->child_events.wake_all();
}

Errno stop_background(int number)
{
    Process& process = current_process();
    LockGuard guard(process_table::lock);
    if (process.signals->blocked().contains(number) || process.signals->ignores(number) ||
        process_groups::is_orphaned_locked(process.group, process.session))
        return Errno::io;
    process_table::for_each_locked([&](Process& member) {
        if (member.group == process.group)
            send_locked(member, SignalInfo::kernel(number));
    });
    return Errno::restart;
}

void force(const SignalInfo& info)
{
    Thread& thread = arch::current_thread();
    thread.process()->signals->post_forced(info);
    thread.signal_pending.store(true, std::memory_order_seq_cst);
}

Result<SignalInfo> wait_for(SignalSet wanted, u64 deadline)
{
    SignalState& state = *current_process().signals;
    std::optional<SignalInfo> taken;
    state.set_waited(wanted);
    const Result<> waited = state.arrivals.wait_until_deadline(Interruptible::yes, deadline, [&] {
        taken = state.take(wanted);
        return taken.has_value();
    });
    state.set_waited(SignalSet());
    update_pending();
    if (!waited)
        return fail(waited.error() == Errno::timedout ? Errno::again : waited.error());
    return *taken;
}

void update_pending()
{
    Thread& thread = arch::current_thread();
    thread.process()->signals->refresh(thread.signal_pending);
}

}  // namespace tenon::signals
