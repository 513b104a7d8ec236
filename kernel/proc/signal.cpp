#include "kernel/proc/signal.h"

#include "kernel/proc/process.h"
#include "kernel/proc/process_groups.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/process_timers.h"
#include "kernel/thread/scheduler.h"

namespace tenon::signals {

namespace {

constexpr u32 init_id = 1;

// `only`: a thread of the process, or null for the process as a whole. `limit`: SignalState::post.
Result<> send_locked(Process& process, UserThread* only, const SignalInfo& info, u64 limit)
{
    if (process.state == Process::State::zombie || !process.signals)
        return {};
    SignalState& state = *process.signals;
    if (info.number == signal_number::continue_) {
        state.discard(stop_signals);
        const bool was_stopped = process.state == Process::State::stopped;
        continue_locked(process);
        if (was_stopped) {
            process.continue_reported = false;
            notify_parent_locked(process, SignalInfo::child_continued, signal_number::continue_);
        }
    } else if (stop_signals.contains(info.number)) {
        state.discard(SignalSet::of(signal_number::continue_));
    } else if (info.number == signal_number::kill) {
        continue_locked(process);
    }
    const auto handled_only = process.id == init_id ? SignalState::HandledOnly::yes : SignalState::HandledOnly::no;
    return state.post(info, only, handled_only, limit);
}

}  // namespace

void alert(UserThread& thread)
{
    thread.signal_pending.store(true, std::memory_order_seq_cst);
    scheduler::wake(thread);
    if (&thread != &arch::current_thread() && thread.on_cpu.load())
        arch::send_reschedule(thread.cpu.load());
}

void stop_locked(Process& process, int number)
{
    if (process.is_stopping)
        return;
    process.is_stopping = true;
    process.stopped_threads = 0;
    ++process.stop_number;
    process.stop_status = number << 8 | 0x7f;
    process.signals->stop_threads();
}

void finish_stop_locked(Process& process)
{
    const bool complete = process.is_stopping && process.state == Process::State::running && !process.threads.empty() &&
                          process.stopped_threads == process.threads.size();
    if (!complete)
        return;
    process.state = Process::State::stopped;
    process.stop_reported = false;
    process.continue_reported = true;
    notify_parent_locked(process, SignalInfo::child_stopped, process.stop_status >> 8);
}

void continue_locked(Process& process)
{
    if (!process.is_stopping)
        return;
    process.is_stopping = false;
    process.signals->cancel_stop();
    process.state = Process::State::running;
    process.stop_reported = true;
    process.continued.wake_all();
}

void send_locked(Process& process, const SignalInfo& info)
{
    static_cast<void>(send_locked(process, nullptr, info, ResourceLimit::infinity));
}

void send_to_thread_locked(UserThread& thread, const SignalInfo& info)
{
    if (thread.is_in_group())
        static_cast<void>(send_locked(*thread.process(), &thread, info, ResourceLimit::infinity));
}

Result<> send_for_program_locked(Process& process, UserThread* only, const SignalInfo& info)
{
    if (only != nullptr && !only->is_in_group())
        return {};
    return send_locked(process, only, info, process.limits.values[ResourceLimits::pending_signals].current);
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
    if (current_user_thread().signals.blocked.contains(number) || process.signals->actions()->ignores(number) ||
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
    current_process().signals->post_forced(info);
}

Result<SignalInfo> wait_for(SignalSet wanted, u64 deadline)
{
    SignalState& state = *current_process().signals;
    std::optional<SignalInfo> taken;
    WaitQueue nobody;  // who sends a signal wakes the thread
    state.set_waited(wanted);
    const Result<> waited = nobody.wait_until_deadline(Interruptible::yes, deadline, [&] {
        taken = state.take(wanted);
        return taken.has_value();
    });
    state.set_waited(SignalSet());
    if (!waited)
        return fail(waited.error() == Errno::timedout ? Errno::again : waited.error());
    current_process().timers->signal_taken(*taken);
    return *taken;
}

}  // namespace tenon::signals
