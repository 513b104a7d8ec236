#pragma once

#include "kernel/lib/types.h"

namespace tenon::arch {

// AAPCS64 6.4.6 "The Frame Pointer": a frame record is the caller's record and the return address.
struct FrameRecord {
    u64 next;
    u64 return_address;
};

}  // namespace tenon::arch
