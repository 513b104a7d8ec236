#pragma once

#include "kernel/mm/layout.h"

// The user half of the address space: where the kernel puts what a program does not place itself.

namespace tenon::user_layout {

// Nothing below: null pointers with offsets fault.
constexpr UserAddr lowest(0x1'0000);
// The page that signal handlers return through.
constexpr UserAddr trampoline(layout::user_end - 0x2000);
constexpr UserAddr stack_top(layout::user_end - 0x1'0000);
constexpr u64 stack_limit = 8 * 1024 * 1024;
// Stays free below the stack.
constexpr u64 stack_guard = 0x1'0000;
// Mappings without a wanted address grow down from here.
constexpr UserAddr map_top = stack_top - stack_limit - 0x10'0000;
// Position-independent programs; the break follows them.
constexpr UserAddr program_base(0xaaaa'aaaa'0000);

}  // namespace tenon::user_layout
