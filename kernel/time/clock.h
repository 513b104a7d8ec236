#pragma once

#include "kernel/lib/types.h"

namespace tenon::clock {

// Monotonic time starts at `entry` (a counter() value). Before this call it stands at 0.
void initialise(u64 entry);
// Reads the board's clock once; without one, real time starts at 1970.
void read_board_clock();
// Makes `now` (nanoseconds since 1970) the real time.
void set_realtime(u64 now);

// Conversions between counter() differences and nanoseconds.
u64 to_nanoseconds(u64 ticks);
u64 to_ticks(u64 nanoseconds);  // rounded up
// The counter() value at a point of monotonic time.
u64 deadline_counter(u64 monotonic);

}  // namespace tenon::clock
