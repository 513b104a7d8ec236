#pragma once

#include "kernel/arch.h"
#include "kernel/proc/signal.h"

namespace tenon::arch {

// What a signal frame gives back besides the registers.
struct SignalReturn {
    SignalSet mask;
    SignalStack stack;
};

}  // namespace tenon::arch
