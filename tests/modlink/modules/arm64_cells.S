// GOT entries for core and for init, and calls that need veneers when everything is far: two targets from text, one from init.
#include "module.inc"
    module  cells
    .text
    .globl  work
work:
    adrp    x0, :got:jiffies
    ldr     x0, [x0, :got_lo12:jiffies]
    adrp    x1, :got:far_object
    ldr     x1, [x1, :got_lo12:far_object]
    bl      printk
    bl      far_function
    bl      printk
    ret
    .section .init.text, "ax"
    adrp    x0, :got:jiffies
    ldr     x0, [x0, :got_lo12:jiffies]
    b       printk
