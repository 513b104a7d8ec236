#pragma once

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

namespace tenon::shutdown {

// What reboot(2) asks for. Does not return for restart, power-off and halt; Errno::inval for what is unknown.
Result<> request(u32 command);

}  // namespace tenon::shutdown
