#pragma once

#include "kernel/arch.h"

namespace tenon::arch {

// Called from arch/arm64/trap/vectors.S with interrupts off.
extern "C" {
void handle_user_synchronous(UserRegisters& registers);
void handle_user_interrupt(UserRegisters& registers);
void handle_user_system_error(UserRegisters& registers);
void handle_user_unexpected(UserRegisters& registers);
void handle_kernel_synchronous(UserRegisters& registers);
void handle_kernel_interrupt(UserRegisters& registers);
void handle_kernel_system_error(UserRegisters& registers);
void handle_kernel_unexpected(UserRegisters& registers);
[[noreturn]] void handle_stack_overflow(UserRegisters& registers, u64 stack_pointer);
}

}  // namespace tenon::arch
