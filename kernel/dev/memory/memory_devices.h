#pragma once

#include "kernel/lib/result.h"

namespace tenon::memory_devices {

// Registers /dev/null, zero, full, random and urandom.
Result<> initialise();

}  // namespace tenon::memory_devices
