// Something for every region, and references between them, to the kernel and to itself.
#include "module.inc"
    module  good

    .text
    .globl  work
work:
    stp     x29, x30, [sp, #-16]!
    adrp    x0, message
    add     x0, x0, :lo12:message
    bl      printk
    adrp    x1, counter
    ldr     x2, [x1, :lo12:counter]
    adrp    x3, jiffies
    ldr     x3, [x3, :lo12:jiffies]
    ldp     x29, x30, [sp], #16
    ret

    .section .init.text, "ax"
    .globl  init_module
init_module:
    adrp    x0, settings
    add     x0, x0, :lo12:settings
    b       printk

    .section .rodata, "a"
message:
    .asciz  "at work"
    .balign 8
    .quad   work, jiffies + 16
    .word   work - .

    .section .data..ro_after_init, "aw"
    .balign 8
table:
    .quad   message

    .data
    .balign 8
counter:
    .quad   1, table

    .bss
    .balign 64
buffer:
    .zero   100

    .section .init.data, "aw"
    .balign 8
settings:
    .quad   init_module

    .section .init.rodata, "a"
    .asciz  "only at the start"
