#pragma once

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include <tenon/api.h>
#include <tenon/sync.h>

namespace tenon {

constexpr u64 nanoseconds_per_second = 1'000'000'000;

// Nanoseconds since the kernel was entered; never goes back. Every context.
TENON_API u64 monotonic_now();

// Nanoseconds since 1970-01-01 UTC, from the board's clock at boot plus monotonic time.
TENON_API u64 realtime_now();

// Blocks for at least `nanoseconds`. Errno::intr when interruptible and a signal arrives first.
TENON_API Result<> sleep_for(u64 nanoseconds, Interruptible interruptible);

}  // namespace tenon
