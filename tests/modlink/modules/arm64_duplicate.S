#include "module.inc"
    module  duplicate
    .text
    .globl  printk
printk:
    ret
    .globl  own
own:
    ret
    export  printk
    export  own
