#include "module.inc"
    module  x86_good
    .text
    .globl  work
work:
    movq    $message, %rdi
    call    printk
    movq    jiffies(%rip), %rax
    jmp     printk
    .section .init.text, "ax"
    .globl  init_module
init_module:
    jmp     work
    .section .rodata, "a"
message:
    .asciz  "at work"
    .balign 8
    .quad   work, jiffies + 16
    .data
    .quad   message
    .long   message - .
    .bss
    .zero   32
