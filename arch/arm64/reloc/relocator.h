#pragma once

#include "module/link/relocator.h"

namespace tenon::arch::arm64 {

// Relocations of the ELF for the Arm 64-bit Architecture (AAELF64), static data and instruction types.
const modlink::Relocator& relocator();

}  // namespace tenon::arch::arm64
