#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/mm/user_layout.h"
#include "kernel/proc/exit.h"
#include "kernel/proc/process.h"
#include "kernel/proc/process_groups.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/process_timers.h"
#include "kernel/proc/signal.h"

// What happens to a thread on its way back to user space when signals are pending.

namespace tenon::signals {

namespace {

constexpr u32 init_id = 1;
constexpr u64 no_system_call = ~u64{0};
constexpr u64 system_call_instruction_size = 4;

// Which of the errors that steer this path the interrupted call returned.
std::optional<Errno> restart_request(const arch::UserRegisters& registers)
{
    if (registers.system_call_number == no_system_call)
        return std::nullopt;
    const i64 result = -static_cast<i64>(registers.x[0]);
    for (const Errno error : {Errno::restart, Errno::restart_nohand, Errno::restart_block})
        if (result == static_cast<i64>(error))
            return error;
    return std::nullopt;
}

void repeat_system_call(arch::UserRegisters& registers)
{
    registers.x[0] = registers.original_x0;
    registers.pc -= system_call_instruction_size;
}

void finish_call_before_handler(arch::UserRegisters& registers, const SignalAction& action)
{
    const auto request = restart_request(registers);
    if (!request)
        return;
    if (*request == Errno::restart && (action.flags & SignalAction::restart) != 0)
        repeat_system_call(registers);
    else
        registers.x[0] = static_cast<u64>(-static_cast<i64>(Errno::intr));
}

void finish_call_without_handler(arch::UserRegisters& registers)
{
    const auto request = restart_request(registers);
    if (!request)
        return;
    repeat_system_call(registers);
    if (*request == Errno::restart_block)
        registers.x[8] = 128;  // restart_syscall
}

// Only a stop concerns other processes: the common signals do without the table's lock.
std::optional<SignalState::Due> next_due(Process& process)
{
    SignalState& state = *process.signals;
    if (auto due = state.take_due(~stop_signals))
        return due;
    if (((state.pending() | state.pending(current_user_thread())) & stop_signals).is_empty())
        return std::nullopt;
    // process_table::lock is held, so SIGCONT comes before or after as a whole.
    LockGuard guard(process_table::lock);
    auto due = state.take_due(stop_signals);
    const bool stops = due && !due->action.has_handler() && !due->action.is_ignored() &&
                       default_action(due->info.number) == DefaultAction::stop;
    if (stops && (due->info.number == signal_number::stop ||
                  !process_groups::is_orphaned_locked(process.group, process.session)))
        stop_locked(process, due->info.number);
    return due;
}

// The calling thread's part in a stop of its process: until it is continued, or has to end.
void stop_here(Process& process)
{
    u32 stop;
    {
        LockGuard guard(process_table::lock);
        if (!process.is_stopping || process.signals->must_end())
            return;
        stop = process.stop_number;
        ++process.stopped_threads;
        finish_stop_locked(process);
    }
    const auto may_go_on = [&] {
        LockGuard guard(process_table::lock);
        if (!process.is_stopping || process.stop_number != stop)
            return true;
        if (!process.signals->must_end())
            return false;
        --process.stopped_threads;
        return true;
    };
    static_cast<void>(process.continued.wait_until(Interruptible::no, may_go_on));
}

// The init process ends only by its own fault, not by a signal that it had blocked and never handled.
bool ends_process(const Process& process, const SignalState::Due& due)
{
    if (due.action.is_ignored() || default_action(due.info.number) != DefaultAction::terminate)
        return false;
    return process.id != init_id || due.forced;
}

void run_handler(arch::UserRegisters& registers, const SignalState::Due& due)
{
    finish_call_before_handler(registers, due.action);
    registers.system_call_number = no_system_call;
    if (!arch::push_signal_frame(registers, due.info, due.action, due.former_mask,
                                 current_user_thread().signals.alternate_stack, current_process().memory->trampoline()))
        exit_by_signal(signal_number::segmentation_fault);
}

}  // namespace

void deliver(arch::UserRegisters& registers)
{
    Process& process = current_process();
    SignalState& state = *process.signals;
    for (;;) {
        if (state.must_end())
            end_thread();
        if (state.take_stop()) {
            stop_here(process);
            continue;
        }
        auto due = next_due(process);
        if (!due)
            break;
        process.timers->signal_taken(due->info);
        if (due->action.has_handler())
            run_handler(registers, *due);
        else if (ends_process(process, *due))
            exit_by_signal(due->info.number);
    }
    finish_call_without_handler(registers);
    registers.system_call_number = no_system_call;
    state.restore_mask();
}

}  // namespace tenon::signals
