#pragma once

#include "kernel/lib/address.h"
#include "kernel/lib/result.h"

// Arm Power State Coordination Interface (DEN0022), over the conduit that the device tree names.

namespace tenon::arch::psci {

// Errno::nodev when the device tree names no PSCI.
Result<> initialise();
// Starts the CPU with that MPIDR at `entry` (physical, MMU off) with `argument` in x0.
Result<> start_cpu(u64 hardware_id, PhysAddr entry, u64 argument);
void switch_off_this_cpu();  // returns when the firmware refuses
void system_off();
void system_reset();

}  // namespace tenon::arch::psci
