#pragma once

#include <array>

#include "kernel/arch.h"

namespace tenon::arch {

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
};

extern std::array<Cpu, max_cpus> cpus;

inline Cpu& this_cpu()
{
    Cpu* cpu;
    asm volatile("mrs %0, tpidr_el1" : "=r"(cpu));
    return *cpu;
}

// Makes the calling CPU number 0 / number `index`. The first thing C++ code does on a CPU.
void adopt_boot_cpu();
void adopt_cpu(unsigned index);

}  // namespace tenon::arch
