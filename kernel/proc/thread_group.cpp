#include "kernel/proc/thread_group.h"

#include "kernel/proc/process_table.h"
#include "kernel/proc/signal.h"

namespace tenon::thread_groups {

namespace {

// Children that a thread made belong to the process; who asks with __WNOTHREAD finds them with another thread from now on.
void pass_on_children_locked(Process& process, u32 former, u32 heir)
{
    for (Process& child : process.children)
        if (child.parent_thread == former)
            child.parent_thread = heir;
}

// PR_SET_PDEATHSIG is about the thread that made the child.
void tell_children_of_end_locked(Process& process, u32 thread)
{
    for (Process& child : process.children)
        if (child.parent_thread == thread && child.parent_death_signal != 0)
            signals::send_locked(child, SignalInfo::process(child.parent_death_signal, SignalInfo::from_user, process.id, 0));
}

Result<> begin_execution(Process& process, UserThread& caller)
{
    LockGuard guard(process_table::lock);
    if (process.is_ending || process.executing != nullptr)
        return fail(Errno::again);
    process.executing = &caller;
    process.signals->end_threads(&caller);
    return {};
}

}  // namespace

Result<> join(UserThread& thread)
{
    Process& process = *thread.process();
    LockGuard guard(process_table::lock);
    if (process.is_ending || process.executing != nullptr || process.is_stopping)
        return fail(Errno::restart);
    TRY(process_table::insert_thread_locked(thread));
    process.signals->add_thread(thread, SignalState::Stopping::no);
    return {};
}

bool leave()
{
    UserThread& thread = current_user_thread();
    Process& process = *thread.process();
    LockGuard guard(process_table::lock);
    tell_children_of_end_locked(process, thread.id());
    process.signals->remove_thread(thread);
    if (&thread != process.leader.get()) {
        process.ended_threads_times = process.ended_threads_times + Process::Times::of(thread);
        process_table::remove_thread_locked(thread);
    }
    if (process.threads.empty()) {
        process.last_thread = Ref<UserThread>(&thread);
        return true;
    }
    pass_on_children_locked(process, thread.id(), process.threads.front().id());
    signals::finish_stop_locked(process);
    process.thread_ends.wake_all();
    return false;
}

void begin_exit(int status)
{
    Process& process = current_process();
    LockGuard guard(process_table::lock);
    // A thread that executes a program has told the others to end before: then only the caller does.
    if (process.is_ending || (process.executing != nullptr && process.executing != &arch::current_thread()))
        return;
    process.is_ending = true;
    process.exit_status = status;
    process.signals->end_threads(&current_user_thread());
}

Result<> become_only_thread()
{
    UserThread& caller = current_user_thread();
    Process& process = *caller.process();
    TRY(begin_execution(process, caller));
    const Result<> alone = process.thread_ends.wait_until(Interruptible::killable, [&] {
        LockGuard guard(process_table::lock);
        return process.threads.size() == 1;
    });
    Ref<UserThread> former_leader;  // given up without the lock
    LockGuard guard(process_table::lock);
    process.executing = nullptr;
    if (!alone)
        return alone;
    if (process.leader.get() != &caller) {
        former_leader = process.leader;
        process.ended_threads_times = process.ended_threads_times + Process::Times::of(*former_leader);
        pass_on_children_locked(process, caller.id(), process.id);
        process_table::make_leader_locked(caller);
    }
    return {};
}

}  // namespace tenon::thread_groups
