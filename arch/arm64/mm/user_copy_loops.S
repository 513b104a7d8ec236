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
    subs    x2, x2, #128
    b.lo    2f
1:  user    8f, ldp x4, x5, [x1]
    user    8f, ldp x6, x7, [x1, #16]
    user    8f, ldp x8, x9, [x1, #32]
    user    8f, ldp x10, x11, [x1, #48]
    user    8f, ldp x12, x13, [x1, #64]
    user    8f, ldp x14, x15, [x1, #80]
    user    8f, ldp x16, x17, [x1, #96]
    user    8f, ldp x3, x18, [x1, #112]
    add     x1, x1, #128
    stp     x4, x5, [x0]
    stp     x6, x7, [x0, #16]
    stp     x8, x9, [x0, #32]
    stp     x10, x11, [x0, #48]
    stp     x12, x13, [x0, #64]
    stp     x14, x15, [x0, #80]
    stp     x16, x17, [x0, #96]
    stp     x3, x18, [x0, #112]
    add     x0, x0, #128
    subs    x2, x2, #128
    b.hs    1b
2:  add     x2, x2, #(128 - 16)                 // from here on 16 bytes at a time
    tbnz    x2, #63, 4f
3:  user    9f, ldp x4, x5, [x1]
    add     x1, x1, #16
    stp     x4, x5, [x0], #16
    subs    x2, x2, #16
    b.hs    3b
4:  add     x2, x2, #16
    tbz     x2, #3, 5f
    user    6f, ldr x4, [x1]
    add     x1, x1, #8
    str     x4, [x0], #8
    sub     x2, x2, #8
5:  cbz     x2, 7f
6:  user    7f, ldrb w4, [x1]                   // byte by byte up to the end, or to the fault
    add     x1, x1, #1
    strb    w4, [x0], #1
    subs    x2, x2, #1
    b.ne    6b
7:  mov     x0, x2
    ret
8:  add     x2, x2, #128                        // none of these 128 bytes counts yet
    b       6b
9:  add     x2, x2, #16                         // nor any of these 16
    b       6b

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
