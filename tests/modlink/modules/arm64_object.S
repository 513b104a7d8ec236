// Linkable, but no module.
    .text
    .globl  work
work:
    b       printk
