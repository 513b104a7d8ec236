#pragma once

#include "kernel/lib/address.h"
#include "kernel/mm/buddy.h"

// The descriptor array behind kernel/mm/frames.h, for the parts of mm that keep their own state in it.

namespace tenon::frames {

Frame& descriptor(PhysAddr address);
u32 index_of(PhysAddr address);
PhysAddr address_of(u32 index);
std::span<Frame> descriptors();

}  // namespace tenon::frames
