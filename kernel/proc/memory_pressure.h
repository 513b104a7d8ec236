#pragma once

#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

// When memory cannot be had that must be: somebody is ended, and awaited.

namespace tenon::memory_pressure {

enum class Outcome : u8 {
    try_again,  // memory may have become free
    give_up,    // the calling process has been told to end
};

// A page for the calling process cannot be had. Waits a moment for memory that is being given back; when there is none, the user who
// holds most by the ledger loses his largest process, and that is waited for. An ordinary user's want never ends a process of root,
// and nothing ends init. May block, not longer than a moment once the caller is to end. `attempt` counts from 0.
Outcome relieve(unsigned attempt);

// Before a new process, program or mapping: as memory_limits::require_growth(), but who may use root's reserve is refused only while no
// ordinary user holds more than root. May block; the caller holds no lock.
Result<> require_growth();

// Lives while a process that ends gives its memory back: nobody else is ended for want of memory meanwhile.
class Giveback : NoCopy {
public:
    Giveback();
    ~Giveback();
};

}  // namespace tenon::memory_pressure
