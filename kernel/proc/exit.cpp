#include "kernel/proc/exit.h"

#include "kernel/dev/tty/terminal.h"
#include "kernel/lib/panic.h"
#include "kernel/proc/alarm.h"
#include "kernel/proc/memory_pressure.h"
#include "kernel/proc/process.h"
#include "kernel/proc/process_groups.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/scheduler.h"
#include "kernel/proc/signal.h"

namespace tenon {

namespace {

void release_resources(Process& process)
{
    alarms::cancel(process);
    {
        const memory_pressure::Giveback giveback;
        process.set_files(nullptr);
        arch::UserPageTable::activate_none();
        process.set_memory(nullptr);
    }
    process.set_path(&Process::working_directory, Path());
    process.set_path(&Process::root_directory, Path());
    process.set_path(&Process::executable, Path());
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

// Children get init as parent; it hears of those that have ended already.
void give_children_to_init_locked(Process& process)
{
    Process& init = *process_table::find_locked(1);
    while (!process.children.empty()) {
        Process& child = process.children.front();
        process.children.pop_front();
        child.set_parent_locked(init);
        child.exit_signal = signal_number::child;  // another one was agreed with the former parent
        if (child.state == Process::State::zombie)
            announce_end_locked(child);
    }
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

[[noreturn]] void end_process(int status)
{
    Process& process = current_process();
    if (process.id == 1)
        panic(FixedText<80>("the init process ended, status {:#x}", status).view());
    {
        LockGuard guard(process_table::lock);
        // What is given back now is given back whole, waits included.
        process.signals->begin_end();
        arch::current_thread().fatal_signal_pending.store(false, std::memory_order_relaxed);
    }
    release_resources(process);
    bool unwanted;
    {
        LockGuard guard(process_table::lock);
        process_groups::release_orphans_locked(process);
        give_children_to_init_locked(process);
        process.exit_status = status;
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

}  // namespace

void exit_with_code(int code)
{
    end_process((code & 0xff) << 8);
}

void exit_by_signal(int number)
{
    end_process(number);
}

}  // namespace tenon
