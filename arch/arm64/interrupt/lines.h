#pragma once

#include "arch/arm64/interrupt/controller.h"

// The shared interrupts, which drivers claim (<tenon/interrupt.h>).

namespace tenon::arch::interrupt_lines {

void initialise(InterruptController& controller);
void handle(u32 number);
// How often the interrupt has come, for /proc/interrupts.
u64 count(u32 number);

}  // namespace tenon::arch::interrupt_lines
