#pragma once

#include "kernel/lib/result.h"

namespace tenon::kmsg {

// Registers /dev/kmsg: each read gives one log record ("6,12,345678,-;text"), each write adds one.
Result<> initialise();

}  // namespace tenon::kmsg
