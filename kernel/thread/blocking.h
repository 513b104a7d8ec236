#pragma once

#include "kernel/arch.h"

namespace tenon {

// Says in the log that the caller must not block where it is; not before this CPU runs threads.
void report_blocking();

// Whether the caller holds no spinlock, has not turned interrupts off and is in no interrupt handler.
inline bool may_block()
{
    return arch::interrupts_enabled();
}

// The first thing in everything that may block, whether or not it will this time. Goes on all the same.
inline void require_may_block()
{
    if (!may_block()) [[unlikely]]
        report_blocking();
}

}  // namespace tenon
