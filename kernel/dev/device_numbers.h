#pragma once

#include "kernel/lib/result.h"

namespace tenon {

// /sys/dev/block and /sys/dev/char: a link for each device number, to the folder of the device of that number below /sys/block or
// /sys/devices/virtual. Nothing is kept; the registries are asked when somebody looks.
Result<> create_number_files();

}  // namespace tenon
