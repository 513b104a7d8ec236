#pragma once

#include "kernel/lib/types.h"

// The part of the contract in kernel/arch.h that is an instruction or two, inline. Only kernel/arch.h includes it.

namespace tenon {
class Thread;
}

namespace tenon::arch {

struct UserRegisters;

// What one CPU knows of itself; TPIDR_EL1 points to it. Written by its own CPU only, unless said otherwise.
struct alignas(64) Cpu {
    Thread* current = nullptr;
    u64 emergency_stack_top = 0;    // for the report of a kernel stack overflow; offset known to vectors.S
    unsigned index = 0;
    u64 hardware_id = 0;            // MPIDR affinity fields
    Thread* fp_owner = nullptr;     // whose user FP state the registers hold
    u64 user_table = 0;             // TTBR0 in force, so that switching to the same space costs nothing
    u64 next_tick = 0;              // counter values; arch/arm64/time/timer.cpp
    u64 next_event = 0;
    const UserRegisters* interrupted = nullptr;  // while an interrupt is handled
};

inline Cpu& this_cpu()
{
    Cpu* cpu;
    asm volatile("mrs %0, tpidr_el1" : "=r"(cpu));
    return *cpu;
}

inline unsigned cpu_index()
{
    return this_cpu().index;
}

inline Thread& current_thread()
{
    return *this_cpu().current;
}

inline u64 disable_interrupts()
{
    u64 state;
    asm volatile("mrs %0, daif\n\tmsr daifset, #2" : "=r"(state)::"memory");
    return state;
}

// For who knows that they were on.
inline void mask_interrupts()
{
    asm volatile("msr daifset, #2" ::: "memory");
}

inline void restore_interrupts(u64 state)
{
    asm volatile("msr daif, %0" ::"r"(state) : "memory");
}

inline void enable_interrupts()
{
    asm volatile("msr daifclr, #2" ::: "memory");
}

inline bool interrupts_enabled()
{
    u64 state;
    asm volatile("mrs %0, daif" : "=r"(state));
    return (state & (1 << 7)) == 0;
}

inline const UserRegisters* interrupted_registers()
{
    return this_cpu().interrupted;
}

inline void synchronise_context()
{
    asm volatile("dsb ish\n\tisb" ::: "memory");
}

inline void relax()
{
    asm volatile("yield" ::: "memory");
}

}  // namespace tenon::arch
