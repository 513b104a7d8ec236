// Out of range in several ways, in two sections.
#include "module.inc"
    module  range
    .text
    bl      far_function
    adr     x0, far_object
    ldr     x1, far_object
    tbz     x0, #1, far_function
    b.eq    far_function
    bl      printk
    .data
    .hword  far_object
    .balign 4
    .word   far_object
    .word   far_object - .
