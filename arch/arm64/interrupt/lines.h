#pragma once

#include "arch/arm64/interrupt/controller.h"
#include "kernel/lib/text.h"

// The shared interrupts, which drivers claim (<tenon/interrupt.h>).

namespace tenon::arch::interrupt_lines {

void initialise(InterruptController& controller);
void handle(u32 number);
// The lines of /proc/interrupts for those that are claimed or have come.
void describe(TextSink& out);

}  // namespace tenon::arch::interrupt_lines
