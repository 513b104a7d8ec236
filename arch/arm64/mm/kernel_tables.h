#pragma once

#include "kernel/lib/address.h"

namespace tenon::arch {

// Finds out what guards_branches() says; before the first kernel text is mapped.
void detect_branch_guard();

// The root of the kernel's tables, from now on changed through kernel_map only.
void adopt_kernel_tables(PhysAddr root);
PhysAddr kernel_root_table();

}  // namespace tenon::arch
