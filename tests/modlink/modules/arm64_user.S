#include "module.inc"
    module  user
    .text
    bl      helper
    bl      printk
