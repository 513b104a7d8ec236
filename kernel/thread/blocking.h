#pragma once

#include "kernel/arch.h"

namespace tenon {

// Says in the log that the caller must not block where it is; not before this CPU runs threads.
void report_blocking();

// The first thing in everything that may block, whether or not it will this time: who holds a spinlock, has turned interrupts off or
// handles an interrupt must not get here. Goes on all the same.
inline void note_may_block()
{
    if (!arch::interrupts_enabled()) [[unlikely]]
        report_blocking();
}

}  // namespace tenon
