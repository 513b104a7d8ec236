#pragma once

#include "kernel/lib/types.h"

namespace tenon::memory_pressure {

enum class Outcome : u8 {
    try_again,  // memory may have become free
    give_up,    // the calling process has been told to end
};

// A page for the calling process cannot be had. Ends the process that holds most, or waits for it to be gone; may block.
// `attempt` counts from 0.
Outcome relieve(unsigned attempt);

}  // namespace tenon::memory_pressure
