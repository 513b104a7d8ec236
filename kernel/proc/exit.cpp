#include "kernel/proc/exit.h"

#include <utility>

#include "kernel/dev/tty/terminal.h"
#include "kernel/lib/panic.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/futex.h"
#include "kernel/proc/memory_pressure.h"
#include "kernel/proc/process.h"
#include "kernel/proc/process_groups.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/process_timers.h"
#include "kernel/proc/robust_list.h"
#include "kernel/proc/signal.h"
#include "kernel/proc/thread_group.h"
#include "kernel/thread/scheduler.h"

namespace tenon {

namespace {

void release_resources(Process& process)
{
    process.timers->cancel();
    {
        const memory_pressure::Giveback giveback;
        process.set_files(nullptr);
        process.set_memory(nullptr);
    }
    process.set_file_system(nullptr);
    process.set_executable(Path());
    process.left_parents_memory.complete();
    Terminal* terminal = process.terminal.load();
    if (terminal != nullptr && process.session == process.id)
        terminal->leave_session(process);
}

void announce_end_locked(Process& zombie)
{
    const int number = zombie.exit_status & 0x7f;
    if (number == 0)
        signals::notify_parent_locked(zombie, SignalInfo::child_exited, zombie.exit_status >> 8);
    else
        signals::notify_parent_locked(zombie, SignalInfo::child_killed, number);
}

// Who gets the children: the nearest living ancestor that asked for orphans, else init.
Process& adopter_locked(const Process& process)
{
    for (Process* ancestor = process.parent; ancestor != nullptr; ancestor = ancestor->parent)
        if (ancestor->is_subreaper && !ancestor->threads.empty())
            return *ancestor;
    return *process_table::find_locked(1);
}

// Whether nobody will wait for it (POSIX.1, sigaction: SA_NOCLDWAIT or SIGCHLD ignored).
bool is_unwanted_locked(const Process& process)
{
    if (process.parent == nullptr || !process.parent->signals)
        return true;
    const SignalAction action = process.parent->signals->action(signal_number::child);
    return process.exit_signal == signal_number::child &&
           (action.is_ignored() || (action.flags & SignalAction::no_child_wait) != 0);
}

// The new parent hears of those that have ended already; those of them that it does not want are left to the caller, who removes them.
void give_children_away_locked(Process& process, Process::SiblingList& unwanted)
{
    Process& adopter = adopter_locked(process);
    while (!process.children.empty()) {
        Process& child = process.children.front();
        process.children.pop_front();
        child.set_parent_locked(adopter);
        child.parent_thread = adopter.threads.front().id();
        child.exit_signal = signal_number::child;  // another one was agreed with the former parent
        if (child.state != Process::State::zombie)
            continue;
        const bool is_unwanted = is_unwanted_locked(child);
        announce_end_locked(child);
        if (is_unwanted) {
            adopter.children.erase(adopter.children.iterator_to(child));
            unwanted.push_back(child);
        }
    }
}

void leave_children(Process& process)
{
    Process::SiblingList unwanted;
    {
        LockGuard guard(process_table::lock);
        process_groups::release_orphans_locked(process);
        give_children_away_locked(process, unwanted);
    }
    while (!unwanted.empty()) {
        const Ref<Process> child(&unwanted.front());
        unwanted.pop_front();
        process_table::remove_zombie(*child);
        static_cast<void>(resched_point());
    }
}

// By its last thread, which has been counted out, so no child comes to it any more.
[[noreturn]] void end_process(Process& process)
{
    release_resources(process);
    leave_children(process);
    bool unwanted;
    {
        LockGuard guard(process_table::lock);
        unwanted = is_unwanted_locked(process);
        process.state = Process::State::zombie;
        announce_end_locked(process);
        if (unwanted && process.parent != nullptr)
            process.parent->children.erase(process.parent->children.iterator_to(process));
    }
    if (unwanted)
        process_table::remove(process);
    scheduler::exit_thread();
}

void require_not_init(int status)
{
    if (current_process().id == 1)
        panic(FixedText<80>("the init process ended, status {:#x}", status).view());
}

bool is_memory_shared(const Process& process)
{
    LockGuard guard(process_table::lock);
    return process.threads.size() > 1 || process.memory->reference_count() > 1;
}

void clear_child_id(UserThread& thread)
{
    const UserPtr<u32> word = std::exchange(thread.clear_child_id, UserPtr<u32>());
    if (word.is_null() || !is_memory_shared(*thread.process()) || !user::store(word, 0))
        return;
    static_cast<void>(futexes::wake({.address = word, .sharing = futexes::Sharing::by_memory}, 1));
}

}  // namespace

void leave_user_memory()
{
    robust_list::release_locks();
    clear_child_id(current_user_thread());
}

void end_thread()
{
    Process& process = current_process();
    // What is given back now is given back whole, waits included.
    process.signals->begin_end();
    leave_user_memory();
    arch::UserPageTable::activate_none();
    if (thread_groups::leave())
        end_process(process);
    scheduler::exit_thread();
}

void exit_thread_with_code(int code)
{
    Process& process = current_process();
    {
        LockGuard guard(process_table::lock);
        if (!process.is_ending && &arch::current_thread() == process.leader.get())
            process.exit_status = (code & 0xff) << 8;
        if (process.threads.size() == 1)
            require_not_init(process.exit_status);
    }
    end_thread();
}

void exit_with_code(int code)
{
    require_not_init((code & 0xff) << 8);
    thread_groups::begin_exit((code & 0xff) << 8);
    end_thread();
}

void exit_by_signal(int number)
{
    require_not_init(number);
    thread_groups::begin_exit(number);
    end_thread();
}

}  // namespace tenon
