// Copies between kernel and user memory. Contracts: kernel/arch.h; a UserRange comes in two registers, start and size.
//
// User memory is touched with the unprivileged loads and stores alone (LDTR, STTR): they have the program's rights, so that an address
// of the kernel's faults whatever went wrong before, on every CPU, and privileged access never has to be switched on (PSTATE.PAN).
// Each of them has an entry in .ex_table; its fix-up returns how many bytes were left.

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
    function copy_from_user
    subs    x2, x2, #128
    b.lo    2f
1:  user    8f, ldtr x4, [x1]
    user    8f, ldtr x5, [x1, #8]
    user    8f, ldtr x6, [x1, #16]
    user    8f, ldtr x7, [x1, #24]
    user    8f, ldtr x8, [x1, #32]
    user    8f, ldtr x9, [x1, #40]
    user    8f, ldtr x10, [x1, #48]
    user    8f, ldtr x11, [x1, #56]
    user    8f, ldtr x12, [x1, #64]
    user    8f, ldtr x13, [x1, #72]
    user    8f, ldtr x14, [x1, #80]
    user    8f, ldtr x15, [x1, #88]
    user    8f, ldtr x16, [x1, #96]
    user    8f, ldtr x17, [x1, #104]
    user    8f, ldtr x3, [x1, #112]
    user    8f, ldtr x18, [x1, #120]
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
3:  user    9f, ldtr x4, [x1]
    user    9f, ldtr x5, [x1, #8]
    add     x1, x1, #16
    stp     x4, x5, [x0], #16
    subs    x2, x2, #16
    b.hs    3b
4:  add     x2, x2, #16
    tbz     x2, #3, 5f
    user    6f, ldtr x4, [x1]
    add     x1, x1, #8
    str     x4, [x0], #8
    sub     x2, x2, #8
5:  cbz     x2, 7f
6:  user    7f, ldtrb w4, [x1]                  // byte by byte up to the end, or to the fault
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

// x0 = user destination, x1 = size, x2 = kernel source.
    function copy_to_user
    subs    x3, x1, #64
    b.lo    2f
1:  ldp     x4, x5, [x2]
    ldp     x6, x7, [x2, #16]
    ldp     x8, x9, [x2, #32]
    ldp     x10, x11, [x2, #48]
    user    5f, sttr x4, [x0]
    user    5f, sttr x5, [x0, #8]
    user    5f, sttr x6, [x0, #16]
    user    5f, sttr x7, [x0, #24]
    user    5f, sttr x8, [x0, #32]
    user    5f, sttr x9, [x0, #40]
    user    5f, sttr x10, [x0, #48]
    user    5f, sttr x11, [x0, #56]
    add     x0, x0, #64
    add     x2, x2, #64
    sub     x1, x1, #64
    subs    x3, x3, #64
    b.hs    1b
2:  cmp     x1, #8
    b.lo    4f
3:  ldr     x4, [x2]
    user    5f, sttr x4, [x0]
    add     x0, x0, #8
    add     x2, x2, #8
    sub     x1, x1, #8
    cmp     x1, #8
    b.hs    3b
4:  cbz     x1, 6f
5:  ldrb    w4, [x2]
    user    6f, sttrb w4, [x0]
    add     x0, x0, #1
    add     x2, x2, #1
    subs    x1, x1, #1
    b.ne    5b
6:  mov     x0, x1
    ret

// x0 = user destination, x1 = size.
    function clear_user
    subs    x3, x1, #32
    b.lo    2f
1:  user    3f, sttr xzr, [x0]
    user    3f, sttr xzr, [x0, #8]
    user    3f, sttr xzr, [x0, #16]
    user    3f, sttr xzr, [x0, #24]
    add     x0, x0, #32
    sub     x1, x1, #32
    subs    x3, x3, #32
    b.hs    1b
2:  cbz     x1, 4f
3:  user    4f, sttrb wzr, [x0]
    add     x0, x0, #1
    subs    x1, x1, #1
    b.ne    3b
4:  mov     x0, x1
    ret

// x0 = kernel destination, x1 = user string, x2 = size of both. Aligned words are looked at whole: such a word lies in one page, so it
// faults where its first byte would. Each byte is read once, and what is looked at is what is stored.
    function copy_string_from_user
    mov     x3, x0
    mov     x8, #0x0101010101010101
1:  cbz     x2, 4f
    tst     x1, #7
    b.eq    3f
2:  user    6f, ldtrb w4, [x1]
    strb    w4, [x0]
    cbz     w4, 4f
    add     x0, x0, #1
    add     x1, x1, #1
    sub     x2, x2, #1
    b       1b
3:  cmp     x2, #8
    b.lo    2b
    user    6f, ldtr x4, [x1]
    sub     x5, x4, x8                          // a byte's top bit becomes set, and was not, when the byte is 0
    bic     x5, x5, x4
    ands    x5, x5, #0x8080808080808080
    b.ne    5f
    str     x4, [x0], #8
    add     x1, x1, #8
    subs    x2, x2, #8
    b.ne    3b
4:  sub     x0, x0, x3
    ret
5:  strb    w4, [x0]                            // the last bytes, out of the register
    tst     w4, #0xff
    b.eq    4b
    add     x0, x0, #1
    lsr     x4, x4, #8
    b       5b
6:  mov     x0, #-1
    ret
