#pragma once

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

// How many threads wanted to run, averaged over 1, 5 and 15 minutes (exponentially decaying, a sample every 5 seconds).

namespace tenon::load_average {

constexpr unsigned fraction_bits = 11;

// Starts the sampling thread.
Result<> initialise();
u64 get(usize index);  // 0, 1, 2; with fraction_bits

}  // namespace tenon::load_average
