#pragma once

// CPACR_EL1.FPEN (Arm ARM D17.2.30): whether FP and SIMD instructions of this exception level and of programs trap. They belong to the
// running program; the debug kernel lets its own use them only where it puts the program's registers aside or back.

#define CPACR_FP (3 << 20)
#ifdef TENON_DEBUG
#define CPACR_AT_START 0
#else
#define CPACR_AT_START CPACR_FP
#endif

#ifdef __ASSEMBLER__

    .macro  allow_fp scratch
    mrs     \scratch, cpacr_el1
    orr     \scratch, \scratch, #CPACR_FP
    msr     cpacr_el1, \scratch
    isb
    .endm

    .macro  forbid_fp scratch
    mrs     \scratch, cpacr_el1
    bic     \scratch, \scratch, #CPACR_FP
    msr     cpacr_el1, \scratch
    isb
    .endm

#else

#include "kernel/runtime/shadow.h"

namespace tenon::arch::fp_access {

#ifdef TENON_DEBUG
// For the kernel's code on this CPU, until the CPU comes back from user space the next time.
void allow();
// KernelFpScope: scopes may be nested.
void enter_scope();
void leave_scope();
#else
inline void allow() {}
inline void enter_scope() {}
inline void leave_scope() {}
#endif

}  // namespace tenon::arch::fp_access

#endif
