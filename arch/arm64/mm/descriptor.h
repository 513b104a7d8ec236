#pragma once

#include "kernel/lib/types.h"
#include "kernel/mm/kernel_map.h"

// Translation table descriptors, Arm ARM D8.3 (VMSAv8-64 descriptor formats), 4 KiB granule, 4 levels.

namespace tenon::arch::descriptor {

constexpr u64 valid = 1 << 0;
constexpr u64 table = 0x3;
constexpr u64 page = 0x3;   // at level 3
constexpr u64 block = 0x1;  // at levels 1 and 2
constexpr u64 attribute_normal = 0 << 2;
constexpr u64 attribute_device = 1 << 2;
constexpr u64 user = 1 << 6;       // AP[1]
constexpr u64 read_only = 1 << 7;  // AP[2]
constexpr u64 inner_shareable = 3 << 8;
constexpr u64 accessed = 1 << 10;
constexpr u64 not_global = 1 << 11;
constexpr u64 guarded_page = u64{1} << 50;  // GP, reserved where there is no FEAT_BTI
constexpr u64 privileged_execute_never = u64{1} << 53;
constexpr u64 user_execute_never = u64{1} << 54;
constexpr u64 address_mask = 0x0000'ffff'ffff'f000;

constexpr unsigned entries_per_table = 512;

// The index into the table of `level` (0..3) for an address.
constexpr unsigned table_index(u64 address, unsigned level)
{
    return static_cast<unsigned>(address >> (39 - 9 * level)) & (entries_per_table - 1);
}

// guarded_page where the CPU that boots has FEAT_BTI, else 0. Set before the first kernel_page() of executable memory.
extern constinit u64 text_guard;

// Everything but the address of a kernel page.
inline u64 kernel_page(kernel_map::Access access)
{
    constexpr u64 common = page | accessed | inner_shareable | user_execute_never;
    switch (access) {
    case kernel_map::Access::read_only: return common | attribute_normal | read_only | privileged_execute_never;
    case kernel_map::Access::read_write: return common | attribute_normal | privileged_execute_never;
    case kernel_map::Access::read_execute: return common | attribute_normal | read_only | text_guard;
    case kernel_map::Access::read_execute_unguarded: return common | attribute_normal | read_only;
    case kernel_map::Access::device: return common | attribute_device | privileged_execute_never;
    }
    return 0;
}

}  // namespace tenon::arch::descriptor
