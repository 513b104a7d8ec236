#pragma once

#include "arch/arm64/interrupt/controller.h"

namespace tenon::arch {

// The controller of that kind, from the node at `node`; null when its registers cannot be mapped. Made once, never deleted.
InterruptController* make_gic_v2(const void* tree, int node);
InterruptController* make_gic_v3(const void* tree, int node);

}  // namespace tenon::arch
