#pragma once

namespace tenon {

// The boot CPU, its memory and heap working, constructors run, interrupts off. kernel/main.cpp is the boot list.
[[noreturn]] void kernel_main();

}  // namespace tenon
