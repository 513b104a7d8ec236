#pragma once

#include <string_view>

// Faults of kernel code, mostly of modules, that the kernel has noticed and goes on after.

namespace tenon {

namespace arch {
struct UserRegisters;
}

// Says in the log what was done, by whom ("BUG: … in …+0x1c [module]": the innermost code of a module in the call chain, if there is some),
// on which CPU, by which thread, and the call chain; marks the kernel as one that has warned. After ten within five seconds it only
// counts. Every context.
void report_bug(std::string_view what);

// The same of code that an exception has interrupted, with the registers that it had; where it stands is said in any case.
void report_bug_in(std::string_view what, const arch::UserRegisters& code);

}  // namespace tenon
