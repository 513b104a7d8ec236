// A boot loader that leaves EL2 as a hypervisor before it may have used it: it stands before the kernel's image, turns on whatever traps or
// falsifies what EL1 and EL0 do, lets EL0 have the event counters, and goes on to the kernel 2 MiB further on with its own arguments.

#define KERNEL_DISTANCE 0x200000

    .text
    // The header of an image, as the kernel's own (arch/arm64/boot/image_header.S).
    b       start
    .word   0
    .quad   0
    .quad   KERNEL_DISTANCE + 0x1000000         // with the kernel and its bss
    .quad   0xa
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .word   0

start:
    mov     x4, #0xf
    msr     pmuserenr_el0, x4                   // EL0 may use all event counters
    msr     cntkctl_el1, x4
    msr     cnthctl_el2, xzr                    // EL1 may use neither counter nor timer
    ldr     x4, =0x123456789abc
    msr     cntvoff_el2, x4
    ldr     x4, =0xafef                         // all but the reserved ones
    msr     hstr_el2, x4
    ldr     x4, =0x80003fff                     // TCPAC, TFP
    msr     cptr_el2, x4
    mov     x4, #0xf60                          // TDRA, TDOSA, TDA, TDE, TPM, TPMCR; no counter for EL1
    msr     mdcr_el2, x4
    ldr     x4, =0x12345678
    msr     vpidr_el2, x4
    msr     vmpidr_el2, x4
    ldr     x4, =0x440fe03a                     // TRVM, TVM, TSC, TID0 to 3, TWE, TWI, interrupts and SErrors to EL2, SWIO
    msr     hcr_el2, x4
    isb
    adr     x4, start
    and     x4, x4, #~(KERNEL_DISTANCE - 1)
    add     x4, x4, #KERNEL_DISTANCE
    br      x4
