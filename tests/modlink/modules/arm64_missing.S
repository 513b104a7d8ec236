// Four unknown symbols, one of them used twice, and a weak one that nobody needs to define. What an unknown symbol's value would do to
// a relocation nobody knows; the last line is out of range by itself.
#include "module.inc"
    module  missing
    .weak   perhaps
    .text
    bl      nobody
    bl      nowhere
    bl      nobody
    bl      printk
    bl      perhaps
    adr     x0, far_object
    .data
    .quad   nothing
    .hword  far_object
    .quad   never
    .byte   0
    .balign 4
    .hword  printk
