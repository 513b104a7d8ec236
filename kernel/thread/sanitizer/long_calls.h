#pragma once

#include "kernel/lib/types.h"

// The debug kernel's watch over calls that hold their CPU: no quiescent point and no resched_point() for so long.

namespace tenon::long_calls {

// In turns of a scheduler's tick in which the CPU really ran: a virtual CPU that its host stops for a while takes no interrupts meanwhile.
constexpr u32 limit = 150;

#ifdef TENON_DEBUG
// At each resched_point() and signal_point(), whether it lets somebody else run or not, and whenever user code makes a call.
void note_point();
// After each interrupt that came in kernel code, interrupts off. Whether the code it came in has just passed the limit: once for each call.
bool note_interrupt();
#else
inline void note_point() {}
inline bool note_interrupt() { return false; }
#endif

}  // namespace tenon::long_calls
