#pragma once

#include "kernel/lib/types.h"

namespace tenon::arch {

// Saved on the kernel stack by the exception vectors (arch/arm64/trap/vectors.S knows the offsets); the same layout for
// exceptions from user space and from the kernel.
struct UserRegisters {
    u64 x[31];
    u64 sp;      // SP_EL0
    u64 pc;      // ELR_EL1
    u64 pstate;  // SPSR_EL1
    u64 original_x0;          // of a system call, for restarting it
    u64 system_call_number;   // ~0: not in a system call
};
static_assert(sizeof(UserRegisters) == 288 && sizeof(UserRegisters) % 16 == 0);

struct alignas(16) FpState {
    u8 v[32][16];
    u32 fpsr;
    u32 fpcr;
};

// Callee-saved registers of a thread that is not running, and the user state that only user code changes.
struct ThreadContext {
    u64 x19_to_x28[10];
    u64 fp;
    u64 sp;
    u64 pc;
    u64 tpidr_el0;
    FpState fp_state;
    u32 fp_cpu;  // whose registers held fp_state last; arch/arm64/thread/thread.cpp
};

}  // namespace tenon::arch
