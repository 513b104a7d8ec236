#pragma once

#include "kernel/lib/result.h"
#include <tenon/driver.h>

namespace tenon {

// Makes /sys/devices/NAME/modalias, from which user space finds the module that drives the device. Devices are never
// removed, and neither are their files. Errno::nomem, exist.
Result<> create_device_files(const Device& device);

}  // namespace tenon
