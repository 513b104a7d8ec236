#pragma once

#include "kernel/lib/result.h"

namespace tenon::sysfs {

// /sys/devices/system/cpu: which processors there are and which run, as lscpu and libraries read it.
Result<> add_cpus();

}  // namespace tenon::sysfs
