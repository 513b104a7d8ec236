#pragma once

#include "kernel/arch.h"

namespace tenon::arch {

enum class InterruptedMode : bool { kernel, user };

}  // namespace tenon::arch

namespace tenon::arch::interrupt_controller {

// Handles the interrupts that are pending on this CPU. Interrupts are off.
void dispatch(InterruptedMode mode);

}  // namespace tenon::arch::interrupt_controller
