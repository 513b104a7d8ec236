#pragma once

#include "kernel/lib/result.h"

namespace tenon {

// Puts /proc/modules, /proc/kallsyms and /sys/module in place. Once at boot, after procfs, sysfs and the module system.
Result<> create_module_files();

}  // namespace tenon
