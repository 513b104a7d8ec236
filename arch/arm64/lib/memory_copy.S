// memcpy, memmove, memset, clearing of memory. The linear map is normal memory: unaligned accesses are fine.

#include "arch/arm64/lib/landing_pad.h"

#ifdef TENON_DEBUG
// Behind those of kernel/runtime/sanitizer, which check.
#define memcpy unchecked_memcpy
#define memmove unchecked_memmove
#define memset unchecked_memset
#endif

    .macro  function name
    .text
    .balign 64
    .globl  \name
    .type   \name, %function
\name:
    LANDING_PAD
    .endm

// x0 = destination, x1 = source, x2 = size. Overlapping buffers are memmove's business, but copying upwards is part of the contract.
    function memcpy
    mov     x3, x0
    subs    x2, x2, #64
    b.lo    2f
1:  ldp     x4, x5, [x1]
    ldp     x6, x7, [x1, #16]
    ldp     x8, x9, [x1, #32]
    ldp     x10, x11, [x1, #48]
    add     x1, x1, #64
    stp     x4, x5, [x3]
    stp     x6, x7, [x3, #16]
    stp     x8, x9, [x3, #32]
    stp     x10, x11, [x3, #48]
    add     x3, x3, #64
    subs    x2, x2, #64
    b.hs    1b
2:  tbz     x2, #5, 3f                          // the low bits of x2 are those of the rest
    ldp     x4, x5, [x1], #16
    ldp     x6, x7, [x1], #16
    stp     x4, x5, [x3], #16
    stp     x6, x7, [x3], #16
3:  tbz     x2, #4, 4f
    ldp     x4, x5, [x1], #16
    stp     x4, x5, [x3], #16
4:  tbz     x2, #3, 5f
    ldr     x4, [x1], #8
    str     x4, [x3], #8
5:  tbz     x2, #2, 6f
    ldr     w4, [x1], #4
    str     w4, [x3], #4
6:  tbz     x2, #1, 7f
    ldrh    w4, [x1], #2
    strh    w4, [x3], #2
7:  tbz     x2, #0, 8f
    ldrb    w4, [x1]
    strb    w4, [x3]
8:  ret
    .size   memcpy, . - memcpy

    function memmove
    sub     x3, x0, x1
    cmp     x3, x2
    b.hs    memcpy                              // destination below the source, or behind its end
    add     x1, x1, x2
    add     x3, x0, x2
    subs    x2, x2, #32
    b.lo    2f
1:  ldp     x4, x5, [x1, #-16]
    ldp     x6, x7, [x1, #-32]!
    stp     x4, x5, [x3, #-16]
    stp     x6, x7, [x3, #-32]!
    subs    x2, x2, #32
    b.hs    1b
2:  adds    x2, x2, #32
    b.eq    4f
3:  ldrb    w4, [x1, #-1]!
    strb    w4, [x3, #-1]!
    subs    x2, x2, #1
    b.ne    3b
4:  ret
    .size   memmove, . - memmove

// x0 = destination, w1 = byte, x2 = size.
    function memset
    mov     x3, x0
    and     x1, x1, #0xff
    cbnz    x1, 1f
    cmp     x2, #512
    b.hs    clear_large
1:  orr     x1, x1, x1, lsl #8
    orr     x1, x1, x1, lsl #16
    orr     x1, x1, x1, lsl #32
memset_blocks:
    subs    x2, x2, #64
    b.lo    memset_tail
3:  stp     x1, x1, [x3]
    stp     x1, x1, [x3, #16]
    stp     x1, x1, [x3, #32]
    stp     x1, x1, [x3, #48]
    add     x3, x3, #64
    subs    x2, x2, #64
    b.hs    3b
memset_tail:
    tbz     x2, #5, 5f
    stp     x1, x1, [x3], #16
    stp     x1, x1, [x3], #16
5:  tbz     x2, #4, 6f
    stp     x1, x1, [x3], #16
6:  tbz     x2, #3, 7f
    str     x1, [x3], #8
7:  tbz     x2, #2, 8f
    str     w1, [x3], #4
8:  tbz     x2, #1, 9f
    strh    w1, [x3], #2
9:  tbz     x2, #0, 10f
    strb    w1, [x3]
10: ret

// Zeroing by cache line, when DC ZVA is allowed: stores up to the first line, lines, then the rest above.
clear_large:
    mrs     x4, dczid_el0
    tbnz    x4, #4, memset_blocks
    and     x4, x4, #15
    mov     x5, #4
    lsl     x5, x5, x4                          // bytes per DC ZVA
    cmp     x5, #256
    b.hi    memset_blocks
    sub     x6, x5, #1
1:  tst     x3, x6
    b.eq    2f
    tst     x3, #15
    b.ne    3f
    stp     xzr, xzr, [x3], #16
    sub     x2, x2, #16
    b       1b
3:  strb    wzr, [x3], #1
    sub     x2, x2, #1
    b       1b
2:  sub     x2, x2, x5
4:  dc      zva, x3
    add     x3, x3, x5
    subs    x2, x2, x5
    b.hs    4b
    add     x2, x2, x5
    b       memset_blocks                       // x1 is zero here
    .size   memset, . - memset
