#pragma once

namespace tenon::machine {

constexpr unsigned cpu_count = 4;

// Starts the CPUs, runs body(argument) in a kernel thread that stays on CPU 0, and ends the process with the status that it returns. The
// calling host thread becomes CPU 0.
[[noreturn]] void boot(int (*body)(void*), void* argument);

}  // namespace tenon::machine
