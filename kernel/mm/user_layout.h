#pragma once

#include "kernel/mm/layout.h"

// The user half of the address space: where the kernel puts what a program does not place itself.

namespace tenon::user_layout {

// Nothing below: null pointers with offsets fault.
constexpr UserAddr lowest(0x1'0000);
// The end of the stack, at the highest. Each spread says how far from the place named before it something may be placed at random: in
// pages these are 22, 28, 28 and 18 bits, at least as many as Linux has by default on this architecture.
constexpr UserAddr stack_top(layout::user_end - 0x1'0000);
constexpr u64 stack_spread = u64{16} << 30;
constexpr u64 stack_limit = 8 * 1024 * 1024;
// Stays free below the stack.
constexpr u64 stack_guard = 0x1'0000;
// Mappings without a wanted address grow down from here. The first is the page that signal handlers return through.
constexpr UserAddr map_top = stack_top - stack_spread - stack_limit - 0x10'0000;
constexpr u64 map_spread = u64{1} << 40;
// Position-independent programs; the break follows them.
constexpr UserAddr program_base(0xaaaa'aaaa'0000);
constexpr u64 program_spread = u64{1} << 40;
constexpr u64 break_spread = u64{1} << 30;
// Programs with addresses of their own end below.
constexpr UserAddr program_limit = map_top;

}  // namespace tenon::user_layout
