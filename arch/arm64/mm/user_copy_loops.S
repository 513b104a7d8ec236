// Copies between kernel and user memory. Every instruction that touches user memory has an entry in .ex_table; its fix-up
// returns how many bytes were left. Contracts: kernel/arch.h.

// A user access that continues at `fixup` when it faults.
    .macro  user fixup, instruction:vararg
9999:   \instruction
    .pushsection .ex_table, "a"
    .balign 4
    .word   9999b - ., \fixup - .
    .popsection
    .endm

    .macro  function name
    .text
    .balign 32
    .globl  \name
    .hidden \name
    .type   \name, %function
\name:
    .endm

// x0 = kernel destination, x1 = user source, x2 = size. x2 counts what is left as each load succeeds.
    function copy_from_user_asm
    subs    x2, x2, #64
    b.lo    2f
1:  user    7f, ldp x4, x5, [x1]
    user    7f, ldp x6, x7, [x1, #16]
    user    7f, ldp x8, x9, [x1, #32]
    user    7f, ldp x10, x11, [x1, #48]
    add     x1, x1, #64
    stp     x4, x5, [x0], #16
    stp     x6, x7, [x0], #16
    stp     x8, x9, [x0], #16
    stp     x10, x11, [x0], #16
    subs    x2, x2, #64
    b.hs    1b
2:  add     x2, x2, #64
    cmp     x2, #8
    b.lo    4f
3:  user    5f, ldr x4, [x1]
    add     x1, x1, #8
    str     x4, [x0], #8
    sub     x2, x2, #8
    cmp     x2, #8
    b.hs    3b
4:  cbz     x2, 6f
5:  user    6f, ldrb w4, [x1]                   // byte by byte up to the end, or to the fault
    add     x1, x1, #1
    strb    w4, [x0], #1
    subs    x2, x2, #1
    b.ne    5b
6:  mov     x0, x2
    ret
7:  add     x2, x2, #64                         // none of these 64 bytes counts yet
    b       5b

// x0 = user destination, x1 = kernel source, x2 = size.
    function copy_to_user_asm
    subs    x3, x2, #32
    b.lo    2f
1:  ldp     x4, x5, [x1]
    ldp     x6, x7, [x1, #16]
    user    5f, stp x4, x5, [x0]
    user    5f, stp x6, x7, [x0, #16]
    add     x0, x0, #32
    add     x1, x1, #32
    sub     x2, x2, #32
    subs    x3, x3, #32
    b.hs    1b
2:  cmp     x2, #8
    b.lo    4f
3:  ldr     x4, [x1]
    user    5f, str x4, [x0]
    add     x0, x0, #8
    add     x1, x1, #8
    sub     x2, x2, #8
    cmp     x2, #8
    b.hs    3b
4:  cbz     x2, 6f
5:  ldrb    w4, [x1]
    user    6f, strb w4, [x0]
    add     x0, x0, #1
    add     x1, x1, #1
    subs    x2, x2, #1
    b.ne    5b
6:  mov     x0, x2
    ret

// x0 = user destination, x1 = size.
    function clear_user_asm
    subs    x3, x1, #32
    b.lo    2f
1:  user    3f, stp xzr, xzr, [x0]
    user    3f, stp xzr, xzr, [x0, #16]
    add     x0, x0, #32
    sub     x1, x1, #32
    subs    x3, x3, #32
    b.hs    1b
2:  cbz     x1, 4f
3:  user    4f, strb wzr, [x0]
    add     x0, x0, #1
    subs    x1, x1, #1
    b.ne    3b
4:  mov     x0, x1
    ret

// x0 = user string, x1 = limit; -1 on a fault.
    function user_string_length_asm
    mov     x2, #0
1:  user    3f, ldrb w3, [x0, x2]
    cbz     w3, 2f
    add     x2, x2, #1
    cmp     x2, x1
    b.ls    1b
2:  mov     x0, x2
    ret
3:  mov     x0, #-1
    ret
