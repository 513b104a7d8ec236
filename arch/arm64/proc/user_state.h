#pragma once

#include "arch/arm64/types.h"

namespace tenon::arch {

// The FP registers of the running thread's user code (the kernel itself does not touch them).
extern "C" void save_fp_state(FpState& state);
extern "C" void load_fp_state(const FpState& state);

}  // namespace tenon::arch
