// The header that U-Boot's booti and QEMU read: Linux Documentation/arch/arm64/booting.rst, "Call the kernel image".

#include "arch/arm64/boot/layout.h"

    .section .head.text, "ax"
    .globl kernel_image_header
kernel_image_header:
    b       start
    .word   0
    .quad   0                                   // text_offset
    .quad   image_size                          // bss included
    .quad   0xa                                 // little endian, 4 KiB pages, anywhere in memory
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .word   0
