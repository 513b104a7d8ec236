#pragma once

#include "arch/arm64/interrupt/controller.h"

namespace tenon::arch::timer {

// Starts the tick of the calling CPU; its interrupt is enabled already.
void initialise_cpu();
void handle_interrupt(InterruptedMode mode);

}  // namespace tenon::arch::timer
