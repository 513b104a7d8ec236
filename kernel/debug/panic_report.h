#pragma once

#include <string_view>

#include "kernel/arch.h"

namespace tenon {

// Ends the system because of an exception in the kernel: stops the other CPUs, prints the reason, the registers and the
// backtrace, then does what panic_delay() says: restart after N seconds, power off when it is negative, halt when it is 0.
[[noreturn]] void panic_with_registers(std::string_view reason, const arch::UserRegisters& registers);

// `panic=N` on the command line, or what was set since.
int panic_delay();
void set_panic_delay(int seconds);

}  // namespace tenon
