#pragma once

#include <span>

#include "kernel/lib/types.h"

// Provided by the module crc16.

namespace tenon {

// CRC-16/ARC continued over `data`: polynomial x^16 + x^15 + x^2 + 1, least significant bit first. Start with ~0 for ext2 and
// ext4 group descriptors, with 0 for CRC-16/ARC itself.
u16 crc16(u16 crc, std::span<const std::byte> data);

}  // namespace tenon
