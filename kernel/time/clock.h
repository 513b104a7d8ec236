#pragma once

#include "kernel/lib/types.h"

namespace tenon::clock {

// Monotonic time starts at `entry` (a counter() value). Before this call it stands.
void initialise(u64 entry);
// Real time is `now` (nanoseconds since 1970) at this moment.
void set_realtime(u64 now);
// How often that was. Who finds the number changed finds the new time, too.
u64 realtime_settings();
// The monotonic time at a point of real time, as the clock stands now; 0 for what is past.
u64 monotonic_at(u64 realtime);

u64 entry_counter();

// Conversions between counter() differences and nanoseconds; what is too large becomes the largest value.
u64 to_nanoseconds(u64 ticks);
u64 to_ticks(u64 nanoseconds);  // rounded up
// The counter() value at a point of monotonic time; the largest one for what will never come.
u64 deadline_counter(u64 monotonic);

}  // namespace tenon::clock
