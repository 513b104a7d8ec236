// GOT entries, one of them shared, and a call that needs a stub when everything is far.
#include "module.inc"
    module  x86_cells
    .text
    movq    jiffies@GOTPCREL(%rip), %rdx
    pushq   jiffies@GOTPCREL(%rip)
    addq    printk@GOTPCREL(%rip), %rax
    call    printk
    .section .init.text, "ax"
    movq    jiffies@GOTPCREL(%rip), %rdx
