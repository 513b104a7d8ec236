#pragma once

#include <variant>

#include "kernel/lib/address.h"
#include "kernel/proc/futex.h"

namespace tenon {

struct InterruptedSleep {
    Deadline deadline;
    UserAddr remaining;  // where the rest is stored; 0: nowhere
};

// A call that a stop interrupted after a part of its time, for restart_syscall(2).
using InterruptedCall = std::variant<std::monostate, InterruptedSleep, futexes::WaitRequest>;

}  // namespace tenon
