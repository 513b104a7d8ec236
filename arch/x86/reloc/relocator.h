#pragma once

#include "module/link/relocator.h"

namespace tenon::arch::x86 {

// Relocations of the System V ABI, AMD64 supplement, chapter 4.4.
const modlink::Relocator& relocator();

}  // namespace tenon::arch::x86
