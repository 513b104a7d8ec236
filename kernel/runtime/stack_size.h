#pragma once

#include "kernel/runtime/shadow.h"

namespace tenon {

// Of a thread's stack in the kernel, to which it is aligned. Guarded variables take more room.
constexpr usize kernel_stack_size = (shadow::is_kept ? 32 : 16) * 1024;

}  // namespace tenon
