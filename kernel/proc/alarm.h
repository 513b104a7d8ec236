#pragma once

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

namespace tenon {

class Process;

// ITIMER_REAL: SIGALRM at a point of monotonic time, once or repeatedly. One kernel thread waits for the earliest.
namespace alarms {

struct Setting {
    u64 remaining = 0;  // nanoseconds; 0: off
    u64 interval = 0;
};

Result<> initialise();
Setting get(const Process& process);
// Returns the former setting.
Setting set(Process& process, Setting setting);
void cancel(Process& process);

}  // namespace alarms
}  // namespace tenon
