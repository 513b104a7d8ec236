#include "module.inc"
    module  versions
    version 0x11111111, printk
    version 0x22222222, jiffies
    version 0x33333333, helper
    .text
    bl      printk
    .data
    .quad   jiffies
