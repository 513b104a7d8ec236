#pragma once

#include "kernel/lib/types.h"

namespace tenon::test {

// Lets that many nanoseconds of monotonic_now() pass at once. Nobody who sleeps is woken.
void advance_clock(u64 nanoseconds);

}  // namespace tenon::test
