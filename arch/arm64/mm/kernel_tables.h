#pragma once

#include "kernel/lib/address.h"

namespace tenon::arch {

// The root of the kernel's tables, from now on changed through kernel_map only.
void adopt_kernel_tables(PhysAddr root);
PhysAddr kernel_root_table();

}  // namespace tenon::arch
