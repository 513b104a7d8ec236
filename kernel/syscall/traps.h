#pragma once

#include "kernel/arch.h"

// What the architecture's exception vectors call. All run on the kernel stack of the current thread with interrupts on,
// except prepare_return_to_user (interrupts off on entry and return).

namespace tenon::traps {

void handle_system_call(arch::UserRegisters& registers);

enum class FaultKind : u8 {
    page,                 // translation or permission fault at `address`
    illegal_instruction,
    alignment,
    breakpoint,
    bus_error,
};

struct Fault {
    FaultKind kind;
    UserAddr address;        // page, alignment, bus_error: the data or instruction address
    arch::UserAccess access; // page: read, write or execute
};

// A fault in user code: resolved (page made present) or turned into a signal.
void handle_user_fault(arch::UserRegisters& registers, const Fault& fault);

// A fault at a user address in kernel code that has an exception-table entry: true when the access may be repeated.
bool handle_user_access_fault(const Fault& fault);

// Before every return to user space: reschedule, deliver signals.
void prepare_return_to_user(arch::UserRegisters& registers);
// Kernel code that a program has called comes back with interrupts off: says so in the log.
void report_held_spinlock();

}  // namespace tenon::traps
