// The FP registers of user code, to and from an arch::FpState (v0..v31, fpsr, fpcr), and the signal trampoline.

#include "arch/arm64/sanitizer/fp_access.h"

    .arch armv8-a+fp+simd

    .text

// Around what may touch the registers: x3 keeps what was allowed before.
    .macro begin_access
#ifdef TENON_DEBUG
    mrs x3, cpacr_el1
    allow_fp x4
#endif
    .endm
    .macro end_access
#ifdef TENON_DEBUG
    msr cpacr_el1, x3
    isb
#endif
    .endm

    .macro each_pair operation
    \operation q0, q1, [x0, #0]
    \operation q2, q3, [x0, #32]
    \operation q4, q5, [x0, #64]
    \operation q6, q7, [x0, #96]
    \operation q8, q9, [x0, #128]
    \operation q10, q11, [x0, #160]
    \operation q12, q13, [x0, #192]
    \operation q14, q15, [x0, #224]
    \operation q16, q17, [x0, #256]
    \operation q18, q19, [x0, #288]
    \operation q20, q21, [x0, #320]
    \operation q22, q23, [x0, #352]
    \operation q24, q25, [x0, #384]
    \operation q26, q27, [x0, #416]
    \operation q28, q29, [x0, #448]
    \operation q30, q31, [x0, #480]
    .endm

    .globl save_fp_state
    .hidden save_fp_state
    .type save_fp_state, %function
save_fp_state:
    begin_access
    each_pair stp
    mrs x1, fpsr
    mrs x2, fpcr
    add x0, x0, #512
    stp w1, w2, [x0]
    end_access
    ret
    .size save_fp_state, . - save_fp_state

    .globl load_fp_state
    .hidden load_fp_state
    .type load_fp_state, %function
load_fp_state:
    begin_access
    each_pair ldp
    add x0, x0, #512
    ldp w1, w2, [x0]
    msr fpsr, x1
    msr fpcr, x2
    end_access
    ret
    .size load_fp_state, . - load_fp_state

    .section .rodata
    .balign 8
    .globl signal_trampoline_start, signal_trampoline_end
signal_trampoline_start:    // reached by ret, so no landing pad; unwinders know a signal frame by exactly these two instructions
    mov x8, #139            // rt_sigreturn
    svc #0
    brk #0
signal_trampoline_end:
