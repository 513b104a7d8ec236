#pragma once

#include "kernel/lib/result.h"
#include "kernel/proc/process.h"

namespace tenon::futexes {

// Sleeps while the word at `address` is `expected`. Errno::again when it is not, timedout, restart.
Result<> wait(Process& process, UserPtr<u32> address, u32 expected, u64 deadline);
// How many of at most `count` sleepers it woke.
Result<u32> wake(Process& process, UserPtr<u32> address, u32 count);

}  // namespace tenon::futexes
