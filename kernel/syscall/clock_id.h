#pragma once

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

// The clocks that clock_gettime(2) and timer_create(2) name, those of processes and threads included (clock_getcpuclockid(3)).

namespace tenon::syscall {

struct ClockId {
    enum class Kind : u8 {
        realtime,
        monotonic,
        process_time,
        user_time,  // of a process
        thread_time,
    };

    Kind kind;
    u32 owner = 0;  // the process or thread whose time it is; 0: the caller
    bool has_timers = true;
};

// Errno::inval for a number that names no clock.
Result<ClockId> find_clock(u32 number);
// Nanoseconds. Errno::inval when the owner does not exist, or is a thread of another process.
Result<u64> read_clock(const ClockId& clock);

}  // namespace tenon::syscall
