#pragma once

#include "kernel/lib/address.h"
#include "kernel/runtime/sanitizer/shadow_memory.h"
#include "kernel/runtime/shadow.h"

// The kernel's virtual address space (TTBR1, 48 bits). Everything below 2^48 belongs to user space (TTBR0).

namespace tenon::layout {

// All of RAM, read-write, never executable; 4 KiB pages so that single pages can be made read-only.
constexpr u64 linear_base = 0xffff'0000'0000'0000;
constexpr u64 linear_size = 0x0000'4000'0000'0000;

// In the debug kernel one byte for each eight of the whole half (kernel/runtime/shadow.h).
constexpr u64 shadow_base = shadow::memory_base;
constexpr u64 shadow_size = shadow::memory_size;
static_assert(shadow::kept_from == linear_base && shadow_base == linear_base + linear_size);

// Kernel stacks with guard pages, device registers, other mappings made at run time.
constexpr u64 dynamic_base = 0xffff'8000'0000'0000;
constexpr u64 dynamic_size = 0x0000'0100'0000'0000;
// The upper half is the stacks'; kernel_map::reserve works upwards from its start and does not get there.
constexpr u64 stacks_base = dynamic_base + dynamic_size / 2;
constexpr u64 stack_limit = 65536;

// Somewhere in here, at a place that is chosen at each start, are the windows through which the loader writes (kernel/module).
constexpr u64 window_base = 0xffff'a000'0000'0000;
constexpr u64 window_size = 0x0000'4000'0000'0000;

// Where a module lands when it is forced out of direct-branch reach: ADRP (4 GiB) and PREL32 (2 GiB) still reach.
constexpr u64 module_far_base = 0xffff'ffff'4000'0000;
constexpr u64 module_far_size = 0x0000'0000'1000'0000;

constexpr u64 kernel_base = 0xffff'ffff'8000'0000;
constexpr u64 kernel_size = shadow::is_kept ? 0x0180'0000 : 0x0100'0000;

// Modules: any place here is within 128 MiB of any place in the kernel.
constexpr u64 module_base = kernel_base + kernel_size;
constexpr u64 module_size = 0x0000'0000'0600'0000;

static_assert(module_base + module_size - kernel_base < 0x0800'0000);

constexpr u64 user_end = 0x0001'0000'0000'0000;

constexpr KernelAddr linear(PhysAddr address)
{
    return KernelAddr(address.value() + linear_base);
}

}  // namespace tenon::layout
