#pragma once

#include "kernel/lib/result.h"
#include "module/registry/registry.h"

namespace tenon {

// Enters what the kernel itself exports (the table that mk/exports.cpp makes of the linked kernel) as module zero.
Result<> register_kernel_exports(modreg::Registry& registry);

}  // namespace tenon
