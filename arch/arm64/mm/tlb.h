#pragma once

#include "kernel/lib/types.h"
#include <tenon/memory.h>

// TLB maintenance for all CPUs; the stores to the tables before it are seen by all table walks after it.

namespace tenon::arch::tlb {

// More pages than this cost less as one flush of everything.
constexpr u64 page_limit = 128;

constexpr u64 operand(u64 address, u16 asid)
{
    return ((address >> page_shift) & 0x0fff'ffff'ffff) | (u64{asid} << 48);
}

inline void invalidate_kernel(u64 start, u64 size)
{
    asm volatile("dsb ishst" ::: "memory");
    if (size > page_limit * page_size) {
        asm volatile("tlbi vmalle1is" ::: "memory");
    } else {
        for (u64 offset = 0; offset < size; offset += page_size)
            asm volatile("tlbi vaale1is, %0" ::"r"(operand(start + offset, 0)) : "memory");
    }
    asm volatile("dsb ish\n\tisb" ::: "memory");
}

inline void invalidate_user_page(u64 address, u16 asid)
{
    asm volatile("dsb ishst\n\ttlbi vae1is, %0\n\tdsb ish\n\tisb" ::"r"(operand(address, asid)) : "memory");
}

inline void invalidate_user_page_here(u64 address, u16 asid)
{
    asm volatile("dsb nshst\n\ttlbi vae1, %0\n\tdsb nsh\n\tisb" ::"r"(operand(address, asid)) : "memory");
}

// This CPU's entries of all address spaces.
inline void invalidate_all_here()
{
    asm volatile("dsb nshst\n\ttlbi vmalle1\n\tdsb nsh\n\tisb" ::: "memory");
}

}  // namespace tenon::arch::tlb
