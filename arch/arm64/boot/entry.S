// From the boot loader to C++: entered with the MMU off, x0 = physical address of the device tree, at EL1 or EL2, at any
// 2 MiB aligned address. Leaves with the kernel at its linked address, on the boot stack, bss cleared.
// Register use until start_at_link_address: x19 device tree, x20 exception level at entry, x21 image's physical address.

#include "arch/arm64/boot/layout.h"
#include "arch/arm64/boot/translation.h"
#include "arch/arm64/sanitizer/fp_access.h"
#include "arch/arm64/lib/landing_pad.h"

// To `target` when the CPU has no performance counters of the architecture's kind (ID_AA64DFR0_EL1.PMUVer is 0 or 15).
    .macro  branch_without_pmu scratch, target
    mrs     \scratch, id_aa64dfr0_el1
    ubfx    \scratch, \scratch, #8, #4
    add     \scratch, \scratch, #1
    tst     \scratch, #0xe
    b.eq    \target
    .endm

#ifdef TENON_DEBUG
// Writes `count` equal entries from `table` on: the page at `target`, with these attributes.
    .macro  fill table, count, target, attributes
    adrp    x3, \table
    add     x3, x3, #:lo12:(\table)
    adrp    x4, \target
    ldr     x9, =\attributes
    orr     x9, x9, x4
    mov     x10, #\count
9:  str     x9, [x3], #8
    subs    x10, x10, #1
    b.ne    9b
    .endm
#endif

    .section .idmap.text, "ax"
    .globl start
start:
    mov     x19, x0
    adrp    x21, kernel_image_header
    bl      enter_el1
    mov     x20, x0
    bl      make_early_tables
    adrp    x0, early_kernel_l0
    bl      enable_mmu
    ldr     x1, =start_at_link_address
    br      x1

// A further CPU, started by PSCI with x0 = the address of its Attempt (arch/arm64/smp/secondary.cpp), which stands in cleaned
// memory: { root table, stack top, argument }.
    .globl secondary_start
secondary_start:
    mov     x19, x0
    bl      enter_el1
    ldp     x0, x22, [x19]
    ldr     x23, [x19, #16]
    bl      enable_mmu
    ldr     x1, =secondary_at_link_address
    br      x1

// Returns in x0 the exception level that it was called at, at EL1 with the MMU off. What of EL2 concerns EL1 and EL0 is set, whatever a
// boot loader or another system left there: nothing is trapped, nothing is virtual. Register names that the assembler does not know
// for Armv8.0 are written as numbers.
enter_el1:
    mrs     x0, CurrentEL
    lsr     x0, x0, #2
    cmp     x0, #2
    b.eq    1f
    ldr     x1, =SCTLR_EL1_MMU_OFF
    msr     sctlr_el1, x1
    isb
    ret
1:  ldr     x1, =SCTLR_EL1_MMU_OFF
    msr     sctlr_el1, x1
    mov     x1, #(1 << 31)                      // HCR_EL2.RW: EL1 is AArch64; everything else not trapped
    msr     hcr_el2, x1
    isb                                         // E2H is off: the next registers have their plain layout
    mov     x1, #3                              // EL1 may use the counter and the physical timer
    msr     cnthctl_el2, x1
    msr     cntvoff_el2, xzr
    msr     cnthp_ctl_el2, xzr                  // EL2's own timer is off
    mov     x1, #0x33ff                         // CPTR_EL2: no trap of FP and SIMD
    msr     cptr_el2, x1
    msr     hstr_el2, xzr
    msr     vttbr_el2, xzr
    mrs     x1, id_aa64mmfr0_el1
    ubfx    x1, x1, #56, #4                     // FGT: fine-grained traps
    cbz     x1, 4f
    msr     S3_4_C1_C1_4, xzr                   // HFGRTR_EL2
    msr     S3_4_C1_C1_5, xzr                   // HFGWTR_EL2
    msr     S3_4_C1_C1_6, xzr                   // HFGITR_EL2
    msr     S3_4_C3_C1_4, xzr                   // HDFGRTR_EL2
    msr     S3_4_C3_C1_5, xzr                   // HDFGWTR_EL2
4:  mrs     x1, id_aa64mmfr1_el1
    ubfx    x1, x1, #40, #4                     // HCX
    cbz     x1, 5f
    msr     S3_4_C1_C2_2, xzr                   // HCRX_EL2
5:
    mrs     x1, midr_el1
    msr     vpidr_el2, x1
    mrs     x1, mpidr_el1
    msr     vmpidr_el2, x1
    mrs     x1, id_aa64pfr0_el1                 // GIC system registers, when there are any
    ubfx    x1, x1, #24, #4
    cbz     x1, 2f
    mrs     x1, S3_4_C12_C9_5                   // ICC_SRE_EL2
    orr     x1, x1, #1                          // SRE: registers instead of memory
    orr     x1, x1, #8                          // Enable: EL1 may choose too
    msr     S3_4_C12_C9_5, x1
    isb
    msr     S3_4_C12_C11_0, xzr                 // ICH_HCR_EL2
2:  mov     x2, xzr                             // debug and all event counters belong to EL1
    branch_without_pmu x1, 3f
    mrs     x2, pmcr_el0
    ubfx    x2, x2, #11, #5
3:  msr     mdcr_el2, x2
    mov     x1, #0x3c5                          // EL1h, DAIF masked
    msr     spsr_el2, x1
    msr     elr_el2, x30
    eret

// x0 = root table for TTBR1. TTBR0 becomes the identity map, which holds nothing but this page of code.
// Call from identity-mapped code, MMU off.
enable_mmu:
    adrp    x1, idmap_l0
    msr     ttbr0_el1, x1
    msr     ttbr1_el1, x0
    ldr     x1, =MAIR_VALUE
    msr     mair_el1, x1
    ldr     x1, =TCR_VALUE
    mrs     x2, id_aa64mmfr0_el1
    bfi     x1, x2, #32, #3                     // IPS: as many physical address bits as the CPU has
    ubfx    x2, x2, #4, #4                      // ASIDBits
    cbz     x2, 1f
    orr     x1, x1, #TCR_ASID_16
1:  mrs     x2, id_aa64mmfr2_el1
    ubfx    x2, x2, #60, #4                     // E0PD
    cbz     x2, 2f
    orr     x1, x1, #TCR_E0PD1
2:  msr     tcr_el1, x1
    mov     x1, #CPACR_AT_START
    msr     cpacr_el1, x1
    mov     x1, #(1 << 12)                      // MDSCR_EL1.TDCC: the debug channel is not for user space
    msr     mdscr_el1, x1
    branch_without_pmu x1, 4f
    msr     pmuserenr_el0, xzr                  // nor are the event counters
4:  mrs     x1, id_aa64pfr0_el1
    ubfx    x1, x1, #44, #4                     // AMU: activity monitors
    cbz     x1, 5f
    msr     S3_3_C13_C2_3, xzr                  // AMUSERENR_EL0
5:  tlbi    vmalle1
    ic      iallu
    dsb     nsh
    isb
    ldr     x1, =SCTLR_EL1_MMU_ON
    mrs     x2, id_aa64mmfr1_el1
    ubfx    x2, x2, #20, #4                     // PAN: privileged access never
    cbz     x2, 3f
    bic     x1, x1, #SCTLR_EL1_SPAN
    .inst   0xd500419f                          // msr pan, #1
3:  mrs     x2, id_aa64pfr1_el1
    tst     x2, #0xf                            // BT: branch target identification
    b.eq    6f
    orr     x1, x1, #SCTLR_EL1_BT
6:  msr     sctlr_el1, x1
    isb
    ret

// Switches to the root table in x0 (physical). Runs in the identity map because between the two sets of
// tables nothing else may be mapped; uses no stack. Called at its physical address (arch/arm64/boot/start.cpp).
    .globl switch_kernel_tables
switch_kernel_tables:
    adrp    x1, early_kernel_l0
    add     x1, x1, #PAGE_SIZE                  // empty_table follows
    msr     ttbr1_el1, x1
    isb
    tlbi    vmalle1
    dsb     nsh
    isb
    msr     ttbr1_el1, x0
    isb
    ret

// The early tables: the identity map of this code, and the kernel's window in 2 MiB blocks, writable and executable until the
// final tables replace it a moment later. x21 = physical address of the image. Stores go to memory past the caches, so
// whatever a cache may hold of these pages is dropped afterwards.
make_early_tables:
    adrp    x0, early_tables_start
    adrp    x1, early_tables_end
    mov     x2, x0
1:  stp     xzr, xzr, [x2], #16
    cmp     x2, x1
    b.lo    1b

    adrp    x3, idmap_l0                        // identity: L0 -> L1 -> L2 -> L3 -> one page
    adrp    x4, idmap_l1
    adrp    x5, idmap_l2
    adrp    x6, idmap_l3
    adrp    x7, idmap_start
    ubfx    x8, x7, #39, #9
    orr     x9, x4, #TABLE_DESCRIPTOR
    str     x9, [x3, x8, lsl #3]
    ubfx    x8, x7, #30, #9
    orr     x9, x5, #TABLE_DESCRIPTOR
    str     x9, [x4, x8, lsl #3]
    ubfx    x8, x7, #21, #9
    orr     x9, x6, #TABLE_DESCRIPTOR
    str     x9, [x5, x8, lsl #3]
    ubfx    x8, x7, #12, #9
    ldr     x9, =IDMAP_PAGE
    orr     x9, x9, x7
    str     x9, [x6, x8, lsl #3]

    adrp    x3, early_kernel_l0                 // the kernel: L0[511] -> L1[510] -> L2[0...]
    adrp    x4, early_kernel_l1
    adrp    x5, early_kernel_l2
    orr     x9, x4, #TABLE_DESCRIPTOR
    str     x9, [x3, #(511 * 8)]
    orr     x9, x5, #TABLE_DESCRIPTOR
    str     x9, [x4, #(510 * 8)]
    ldr     x9, =EARLY_KERNEL_BLOCK
    orr     x9, x9, x21
    mov     x10, #(KERNEL_SIZE >> 21)
2:  str     x9, [x5], #8
    add     x9, x9, #(1 << 21)
    subs    x10, x10, #1
    b.ne    2b

#ifdef TENON_DEBUG
    fill    early_kernel_l0 + SHADOW_FIRST_L0 * 8, SHADOW_L0_COUNT, shadow_l1, TABLE_DESCRIPTOR
    fill    shadow_l1, 512, shadow_l2, TABLE_DESCRIPTOR
    fill    shadow_l2, 512, shadow_l3, TABLE_DESCRIPTOR
    fill    shadow_l3, 512, shadow_zeros, SHADOW_PAGE
#endif

    dmb     sy
    mrs     x3, ctr_el0                         // smallest data cache line
    ubfx    x3, x3, #16, #4
    mov     x4, #4
    lsl     x4, x4, x3
3:  dc      ivac, x0
    add     x0, x0, x4
    cmp     x0, x1
    b.lo    3b
    dsb     sy
    ret
    .ltorg

    .section .bss.early_tables, "aw", %nobits
    .balign PAGE_SIZE
    .globl  idmap_l0, early_kernel_l0, early_kernel_l2
idmap_l0:        .skip PAGE_SIZE
idmap_l1:        .skip PAGE_SIZE
idmap_l2:        .skip PAGE_SIZE
idmap_l3:        .skip PAGE_SIZE
early_kernel_l0: .skip PAGE_SIZE
    .globl  empty_table
empty_table:     .skip PAGE_SIZE                // for ever empty: TTBR0 of a CPU that shows no user memory
early_kernel_l1: .skip PAGE_SIZE
early_kernel_l2: .skip PAGE_SIZE
#ifdef TENON_DEBUG
// Shadow memory that nobody has written: all of it is one page of zeros.
    .globl  shadow_l1, shadow_l2, shadow_l3, shadow_zeros
shadow_l1:       .skip PAGE_SIZE
shadow_l2:       .skip PAGE_SIZE
shadow_l3:       .skip PAGE_SIZE
shadow_zeros:    .skip PAGE_SIZE
#endif

    .section .bss.stacks, "aw", %nobits
    .balign 2 * STACK_SIZE
    .globl  boot_stack_guard, boot_stack_top
boot_stack_guard: .skip STACK_SIZE
                  .skip STACK_SIZE
boot_stack_top:

    .text
start_at_link_address:
    LANDING_PAD
    ldr     x0, =bss_start
    ldr     x1, =bss_end
1:  stp     xzr, xzr, [x0], #16
    stp     xzr, xzr, [x0], #16
    cmp     x0, x1
    b.lo    1b
    ldr     x0, =boot_stack_top
    mov     sp, x0
    ldr     x0, =exception_vectors
    msr     vbar_el1, x0
    isb
    mov     x29, xzr
    mov     x30, xzr
    mov     x0, x19
    mov     x1, x21
    mov     x2, x20
    bl      arch_start
    b       .

secondary_at_link_address:
    LANDING_PAD
    mov     sp, x22
    ldr     x0, =exception_vectors
    msr     vbar_el1, x0
    isb
    mov     x29, xzr
    mov     x30, xzr
    mov     x0, x23
    bl      arch_secondary_start
    b       .
    .ltorg
