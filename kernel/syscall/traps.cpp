#include "kernel/syscall/traps.h"

#include "kernel/lib/bug.h"
#include "kernel/lib/text.h"
#include "kernel/mm/allocation_failure.h"
#include "kernel/mm/layout.h"
#include "kernel/proc/memory_pressure.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"
#include "kernel/syscall/system_call.h"
#include "kernel/thread/scheduler.h"

namespace tenon::traps {

namespace {

SignalInfo signal_of(const Fault& fault, Errno reason)
{
    const u64 address = fault.address.value();
    switch (reason) {
    case Errno::acces: return SignalInfo::fault(signal_number::segmentation_fault, SignalInfo::no_access, address);
    case Errno::nxio:
    case Errno::io: return SignalInfo::fault(signal_number::bus_error, SignalInfo::bus_no_object, address);
    default: return SignalInfo::fault(signal_number::segmentation_fault, SignalInfo::not_mapped, address);
    }
}

// Memory that runs short is found here, at the only place where programs take pages without asking.
Result<> resolve(const Fault& fault)
{
    const allocation_failure::Suspension not_counted;
    for (unsigned attempt = 0;; ++attempt) {
        const Result<> resolved = current_process().memory->handle_fault(fault.address, fault.access);
        if (resolved || resolved.error() != Errno::nomem)
            return resolved;
        if (memory_pressure::relieve(attempt) == memory_pressure::Outcome::give_up)
            return resolved;
    }
}

void handle_page_fault(const Fault& fault)
{
    if (fault.address.value() >= layout::user_end)
        return signals::force(signal_of(fault, Errno::fault));
    const Result<> resolved = resolve(fault);
    if (!resolved && resolved.error() != Errno::nomem)
        signals::force(signal_of(fault, resolved.error()));
}

[[gnu::noinline]] void work_before_return(arch::UserRegisters& registers)
{
    const UserThread& thread = current_user_thread();
    for (;;) {
        scheduler::reschedule_if_needed();
        if (!thread.signal_pending.load(std::memory_order_relaxed))
            return;
        arch::enable_interrupts();
        signals::deliver(registers);
        arch::disable_interrupts();
    }
}

}  // namespace

// Its array of arguments is never indexed by what comes from outside: a guard word would cost each call more than the table.
[[gnu::no_stack_protector]] void handle_system_call(arch::UserRegisters& registers)
{
    registers.original_x0 = registers.x[0];
    registers.system_call_number = registers.x[8];
    const syscall::Handler handler = syscall::find_handler(registers.x[8]);
    if (handler == nullptr) [[unlikely]] {
        registers.x[0] = static_cast<u64>(-static_cast<i64>(Errno::nosys));
        return;
    }
    const u64* x = registers.x;
    const Result<u64> result = handler({.values = {x[0], x[1], x[2], x[3], x[4], x[5]}});
    if (result) [[likely]] {
        registers.x[0] = *result;
        return;
    }
    registers.x[0] = static_cast<u64>(-static_cast<i64>(result.error()));
    // These errors are finished on the way out, whether or not a signal is still pending then.
    if (result.error() >= Errno::restart)
        current_user_thread().signal_pending.store(true, std::memory_order_relaxed);
}

void handle_user_fault(arch::UserRegisters&, const Fault& fault)
{
    const u64 address = fault.address.value();
    switch (fault.kind) {
    case FaultKind::page: return handle_page_fault(fault);
    case FaultKind::illegal_instruction:
        return signals::force(SignalInfo::fault(signal_number::illegal_instruction, SignalInfo::illegal_opcode, address));
    case FaultKind::alignment:
        return signals::force(SignalInfo::fault(signal_number::bus_error, SignalInfo::bus_alignment, address));
    case FaultKind::breakpoint:
        return signals::force(SignalInfo::fault(signal_number::trap, SignalInfo::trap_breakpoint, address));
    case FaultKind::bus_error:
        return signals::force(SignalInfo::fault(signal_number::bus_error, SignalInfo::bus_no_object, address));
    }
}

bool handle_user_access_fault(const Fault& fault)
{
    const bool resolvable = fault.kind == FaultKind::page && arch::current_thread().process() != nullptr &&
                            current_process().memory && fault.address.value() < layout::user_end;
    return resolvable && resolve(fault).has_value();
}

void report_held_spinlock()
{
    report_bug(FixedText<120>("return to user space with a spinlock held or interrupts off after system call {}",
                              arch::user_registers(arch::current_thread()).system_call_number).view());
}

// Every system call ends here: without work it costs two looks.
void prepare_return_to_user(arch::UserRegisters& registers)
{
    const UserThread& thread = current_user_thread();
    if (thread.need_reschedule.load(std::memory_order_relaxed) || thread.signal_pending.load(std::memory_order_relaxed)) [[unlikely]]
        work_before_return(registers);
}

}  // namespace tenon::traps
