// Thread switching.

#include "arch/arm64/lib/landing_pad.h"
#include "arch/arm64/trap/frame_layout.h"

// x0 = context to save in, x1 = context to continue. What AAPCS64 lets a function change needs no saving.
    .globl  switch_context
    .hidden switch_context
switch_context:
    mov     x9, sp
    stp     x19, x20, [x0, #CONTEXT_X19]
    stp     x21, x22, [x0, #CONTEXT_X19 + 16]
    stp     x23, x24, [x0, #CONTEXT_X19 + 32]
    stp     x25, x26, [x0, #CONTEXT_X19 + 48]
    stp     x27, x28, [x0, #CONTEXT_X19 + 64]
    stp     x29, x9, [x0, #CONTEXT_FP]
    str     x30, [x0, #CONTEXT_PC]
    ldp     x19, x20, [x1, #CONTEXT_X19]
    ldp     x21, x22, [x1, #CONTEXT_X19 + 16]
    ldp     x23, x24, [x1, #CONTEXT_X19 + 32]
    ldp     x25, x26, [x1, #CONTEXT_X19 + 48]
    ldp     x27, x28, [x1, #CONTEXT_X19 + 64]
    ldp     x29, x9, [x1, #CONTEXT_FP]
    ldr     x30, [x1, #CONTEXT_PC]
    mov     sp, x9
    ret

// Where a new thread begins: x19 = entry, x20 = its argument (arch::initialise_context).
    .globl  thread_start
    .hidden thread_start
thread_start:
    LANDING_PAD
    mov     x0, x20
    mov     x30, xzr
    blr     x19
    b       .
