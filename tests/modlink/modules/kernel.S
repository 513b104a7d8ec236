// The kernel's side: what it offers, and a function that it keeps to itself.
    .macro  offer symbol, type
    .globl  \symbol
    .type   \symbol, %\type
\symbol:
    .quad   0
    .size   \symbol, 8
    .endm

    .text
    offer   printk, function
    .hidden internal
    offer   internal, function
    .data
    offer   jiffies, object

#ifdef WITH_VERMAGIC
    .section .rodata
    .type   vermagic, %object
vermagic:
    .asciz  "4.4.4 SMP mod_unload"
    .size   vermagic, . - vermagic
#endif
