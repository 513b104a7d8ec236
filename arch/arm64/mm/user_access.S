// Copies between kernel and user memory. Contracts: kernel/arch.h; a UserRange comes in two registers, start and size.
//
// A UserRange holds no address of the kernel's, and what is mapped below is the program's with the program's rights: no page there is the
// kernel's alone. So plain loads and stores will do, two registers at once. Where the CPU has PAN it is off in these functions only, and
// exceptions set it again while they are handled. Every access has an entry in .ex_table; the fix-ups return how many bytes were left.

// An access that continues at `fixup` when it faults.
    .macro  user fixup, instruction:vararg
9999:   \instruction
    .pushsection .ex_table, "a"
    .balign 4
    .word   9999b - ., \fixup - .
    .popsection
    .endm

    .macro  kernel fixup, instruction:vararg
    \instruction
    .endm

    .macro  function name
    .balign 32
    .globl  \name
    .hidden \name
    .type   \name, %function
\name:
    .endm

// x14 remembers whether the CPU has PAN.
    .macro  open_user_memory
    adrp    x14, has_privileged_access_never
    ldrb    w14, [x14, :lo12:has_privileged_access_never]
    cbz     w14, .Lopen\@
    .inst   0xd500409f                          // msr pan, #0
.Lopen\@:
    .endm

    .macro  close_user_memory
    cbz     w14, .Lclosed\@
    .inst   0xd500419f                          // msr pan, #1
.Lclosed\@:
    .endm

// x0 = destination, x1 = source, x2 = size. x0 goes on when a piece is complete, so x12 - x0 is what was left at a fault.
    .macro  copy load, store
    open_user_memory
    add     x12, x0, x2
    add     x13, x1, x2
    subs    x2, x2, #128
    b.lo    2f
    sub     x0, x0, #16                         // the last access of a round moves both on, by its own offset
    sub     x1, x1, #16
1:  \load   9f, ldp x4, x5, [x1, #16]
    \load   9f, ldp x6, x7, [x1, #32]
    \load   9f, ldp x8, x9, [x1, #48]
    \load   9f, ldp x10, x11, [x1, #64]
    \store  9f, stp x4, x5, [x0, #16]
    \store  9f, stp x6, x7, [x0, #32]
    \store  9f, stp x8, x9, [x0, #48]
    \store  9f, stp x10, x11, [x0, #64]
    \load   9f, ldp x4, x5, [x1, #80]
    \load   9f, ldp x6, x7, [x1, #96]
    \load   9f, ldp x8, x9, [x1, #112]
    \load   9f, ldp x10, x11, [x1, #128]!
    \store  9f, stp x4, x5, [x0, #80]
    \store  9f, stp x6, x7, [x0, #96]
    \store  9f, stp x8, x9, [x0, #112]
    \store  9f, stp x10, x11, [x0, #128]!
    subs    x2, x2, #128
    b.hs    1b
    add     x0, x0, #16
    add     x1, x1, #16
2:  tbz     x2, #6, 3f                          // the low bits of x2 are those of the rest
    \load   10f, ldp x4, x5, [x1], #16
    \load   10f, ldp x6, x7, [x1], #16
    \load   10f, ldp x8, x9, [x1], #16
    \load   10f, ldp x10, x11, [x1], #16
    \store  10f, stp x4, x5, [x0], #16
    \store  10f, stp x6, x7, [x0], #16
    \store  10f, stp x8, x9, [x0], #16
    \store  10f, stp x10, x11, [x0], #16
3:  tbz     x2, #5, 4f
    \load   10f, ldp x4, x5, [x1], #16
    \load   10f, ldp x6, x7, [x1], #16
    \store  10f, stp x4, x5, [x0], #16
    \store  10f, stp x6, x7, [x0], #16
4:  tbz     x2, #4, 5f
    \load   10f, ldp x4, x5, [x1], #16
    \store  10f, stp x4, x5, [x0], #16
5:  tbz     x2, #3, 6f
    \load   10f, ldr x4, [x1], #8
    \store  10f, str x4, [x0], #8
6:  tbz     x2, #2, 7f
    \load   10f, ldr w4, [x1], #4
    \store  10f, str w4, [x0], #4
7:  tbz     x2, #1, 8f
    \load   10f, ldrh w4, [x1], #2
    \store  10f, strh w4, [x0], #2
8:  tbz     x2, #0, 12f
    \load   10f, ldrb w4, [x1]
    \store  10f, strb w4, [x0], #1
12: close_user_memory
    mov     x0, #0
    ret
9:  add     x0, x0, #16
10: sub     x2, x12, x0
    sub     x1, x13, x2
11: \load   13f, ldrb w4, [x1], #1              // byte by byte up to the fault, or to the end when the page has come meanwhile
    \store  13f, strb w4, [x0]
    add     x0, x0, #1
    subs    x2, x2, #1
    b.ne    11b
13: close_user_memory
    mov     x0, x2
    ret
    .endm

    .text
    .globl  user_copies_start, user_copies_end  // limits, not code that anybody enters by them
    .type   user_copies_start, %object
    .type   user_copies_end, %object
user_copies_start:

// x0 = kernel destination, x1 = user source, x2 = size.
    function copy_from_user
    copy    user, kernel

// x0 = user destination, x1 = size, x2 = kernel source.
    function copy_to_user
    mov     x3, x1
    mov     x1, x2
    mov     x2, x3
    copy    kernel, user

// x0 = user destination, x1 = size.
    function clear_user
    open_user_memory
    subs    x3, x1, #64
    b.lo    2f
1:  user    3f, stp xzr, xzr, [x0]
    user    3f, stp xzr, xzr, [x0, #16]
    user    3f, stp xzr, xzr, [x0, #32]
    user    3f, stp xzr, xzr, [x0, #48]
    add     x0, x0, #64
    sub     x1, x1, #64
    subs    x3, x3, #64
    b.hs    1b
2:  cbz     x1, 4f
3:  user    4f, strb wzr, [x0], #1
    subs    x1, x1, #1
    b.ne    3b
4:  close_user_memory
    mov     x0, x1
    ret

// x0 = kernel destination, x1 = user string, x2 = size of both. Aligned words are looked at whole: such a word lies in one page, so it
// faults where its first byte would. Each byte is read once, and what is looked at is what is stored.
    function copy_string_from_user
    open_user_memory
    mov     x3, x0
    mov     x8, #0x0101010101010101
1:  cbz     x2, 4f
    tst     x1, #7
    b.eq    3f
2:  user    6f, ldrb w4, [x1]
    strb    w4, [x0]
    cbz     w4, 4f
    add     x0, x0, #1
    add     x1, x1, #1
    sub     x2, x2, #1
    b       1b
3:  cmp     x2, #8
    b.lo    2b
    user    6f, ldr x4, [x1]
    sub     x5, x4, x8                          // a byte's top bit becomes set, and was not, when the byte is 0
    bic     x5, x5, x4
    ands    x5, x5, #0x8080808080808080
    b.ne    5f
    str     x4, [x0], #8
    add     x1, x1, #8
    subs    x2, x2, #8
    b.ne    3b
4:  close_user_memory
    sub     x0, x0, x3
    ret
5:  strb    w4, [x0]                            // the last bytes, out of the register
    tst     w4, #0xff
    b.eq    4b
    add     x0, x0, #1
    lsr     x4, x4, #8
    b       5b
6:  close_user_memory
    mov     x0, #-1
    ret

user_copies_end:

// Of the CPU that boots; arch_start writes it, before these pages become read-only.
    .section .rodata
    .globl  has_privileged_access_never
has_privileged_access_never:
    .byte   0
