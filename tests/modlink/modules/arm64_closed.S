// A proprietary module that uses two symbols for GPL modules and one for all.
#include "module.inc"
    module  closed, "Proprietary"
    .text
    bl      printk
    bl      gpl_function
    .data
    .quad   gpl_object
