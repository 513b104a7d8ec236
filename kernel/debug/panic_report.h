#pragma once

#include <string_view>

#include "kernel/arch.h"

namespace tenon {

// Ends the system because of an exception in the kernel: stops the other CPUs, prints the reason, the registers and the
// backtrace, then does what `panic=N` on the command line says: restart after N seconds, power off for -1, else halt.
[[noreturn]] void panic_with_registers(std::string_view reason, const arch::UserRegisters& registers);

// Prints the symbolised call chain of the caller to the log.
void log_backtrace();

}  // namespace tenon
