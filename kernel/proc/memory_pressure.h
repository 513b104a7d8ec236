#pragma once

#include "kernel/lib/no_copy.h"
#include "kernel/lib/types.h"

namespace tenon::memory_pressure {

enum class Outcome : u8 {
    try_again,  // memory may have become free
    give_up,    // the calling process has been told to end
};

// A page for the calling process cannot be had. Ends the process that holds most, or waits for it to be gone; may block.
// `attempt` counts from 0.
Outcome relieve(unsigned attempt);

// Lives while a process that ends gives its memory back: nobody else is ended for want of memory meanwhile.
class Giveback : NoCopy {
public:
    Giveback();
    ~Giveback();
};

}  // namespace tenon::memory_pressure
