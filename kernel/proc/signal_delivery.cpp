#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/mm/user_layout.h"
#include "kernel/proc/exit.h"
#include "kernel/proc/process.h"
#include "kernel/proc/process_groups.h"
#include "kernel/proc/process_table.h"
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

// True when the process is stopped now. process_table::lock is held, so SIGCONT comes before or after as a whole.
bool stop_locked(Process& process, int number)
{
    if (number != signal_number::stop && process_groups::is_orphaned_locked(process.group, process.session))
        return false;
    process.state = Process::State::stopped;
    process.exit_status = number << 8 | 0x7f;
    process.stop_reported = false;
    process.continue_reported = true;
    notify_parent_locked(process, SignalInfo::child_stopped, number);
    return true;
}

struct Step {
    std::optional<SignalState::Due> due;
    bool stopped = false;
};

// Only a stop concerns other processes: the common signals do without the table's lock.
Step next_step(Process& process)
{
    if (auto due = process.signals->take_due(~stop_signals))
        return {.due = std::move(due)};
    if ((process.signals->pending() & stop_signals).is_empty())
        return {};
    LockGuard guard(process_table::lock);
    Step step{.due = process.signals->take_due(stop_signals)};
    if (step.due && !step.due->action.has_handler() && default_action(step.due->info.number) == DefaultAction::stop)
        step.stopped = stop_locked(process, step.due->info.number);
    return step;
}

// The init process ends only by its own fault, not by a signal that it had blocked and never handled.
bool ends_process(const Process& process, const SignalState::Due& due)
{
    if (due.action.is_ignored() || default_action(due.info.number) != DefaultAction::terminate)
        return false;
    return process.id != init_id || due.forced;
}

void run_handler(arch::UserRegisters& registers, Process& process, const SignalState::Due& due)
{
    finish_call_before_handler(registers, due.action);
    registers.system_call_number = no_system_call;
    if (!arch::push_signal_frame(registers, due.info, due.action, due.former_mask, process.signals->alternate_stack,
                                 user_layout::trampoline))
        exit_by_signal(signal_number::segmentation_fault);
}

}  // namespace

void deliver(arch::UserRegisters& registers)
{
    Process& process = current_process();
    for (;;) {
        const Step step = next_step(process);
        if (!step.due)
            break;
        if (step.stopped) {
            static_cast<void>(process.continued.wait_until(
                Interruptible::no, [&] { return process.state != Process::State::stopped; }));
            continue;
        }
        if (step.due->action.has_handler())
            run_handler(registers, process, *step.due);
        else if (ends_process(process, *step.due))
            exit_by_signal(step.due->info.number);
    }
    finish_call_without_handler(registers);
    registers.system_call_number = no_system_call;
    process.signals->restore_mask();
    update_pending();
}

}  // namespace tenon::signals
