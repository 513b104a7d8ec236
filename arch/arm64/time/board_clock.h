#pragma once

namespace tenon::arch::board_clock {

// Sets real time from the machine's PL031; without one it starts at 1970.
void read();

}  // namespace tenon::arch::board_clock
