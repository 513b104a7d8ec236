#pragma once

#include "kernel/lib/address.h"
#include "kernel/mm/kernel_map.h"

namespace tenon {

// Walks all page tables of the kernel and panics when a frame of [place, +size), which is code or constant data, can be written through
// any mapping but an open write window, or executed anywhere but at `place`. For tests (boot argument module_check): it is slow.
void check_permissions(KernelAddr place, u64 size, kernel_map::Access expected);

}  // namespace tenon
