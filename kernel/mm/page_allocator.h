#pragma once

#include "kernel/lib/address.h"
#include "kernel/mm/buddy.h"
#include <tenon/memory.h>

// The descriptor array behind kernel/mm/frames.h, for the parts of mm that keep their own state in it.

namespace tenon::frames {

// Fixed once the allocator is initialised.
struct DescriptorArray {
    std::span<Frame> frames;
    PhysAddr base;  // of frames[0]
};
extern DescriptorArray descriptor_array;

inline std::span<Frame> descriptors()
{
    return descriptor_array.frames;
}

inline u32 index_of(PhysAddr address)
{
    return static_cast<u32>((address - descriptor_array.base) >> page_shift);
}

inline PhysAddr address_of(u32 index)
{
    return descriptor_array.base + (u64{index} << page_shift);
}

inline Frame& descriptor(PhysAddr address)
{
    return descriptor_array.frames[index_of(address)];
}

}  // namespace tenon::frames
