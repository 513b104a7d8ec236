#pragma once

#include <span>

#include "kernel/lib/result.h"

namespace tenon::device_tree {

// Finds the machine's devices in the flattened device tree at `blob`, which has been validated and stays for ever, and hands them
// to the driver core. Errno::nomem.
Result<> add_devices(const void* blob);

}  // namespace tenon::device_tree
