#pragma once

// Values of the translation registers and descriptors that start-up assembly and C++ share (Arm ARM D8 "The AArch64
// Virtual Memory System Architecture"). Numbers only.

// MAIR_EL1: attribute 0 normal write-back, 1 device nGnRE, 2 normal non-cacheable.
#define MAIR_VALUE 0x4404ff
#define ATTRIBUTE_NORMAL 0
#define ATTRIBUTE_DEVICE 1

// TCR_EL1: T0SZ = T1SZ = 16 (48 bits), 4 KiB granules, write-back inner shareable walks; IPS and AS are added at run time.
#define TCR_VALUE ((16 << 0) | (1 << 8) | (1 << 10) | (3 << 12) | (16 << 16) | (1 << 24) | (1 << 26) | (3 << 28) | (2 << 30))
#define TCR_ASID_16 (1 << 36)
// E0PD1: what EL0 tries on the kernel's half faults at once, without a look at the tables (FEAT_E0PD).
#define TCR_E0PD1 (1 << 56)

// SCTLR_EL1: the bits that are reserved as one in Armv8.0 (LSMAOE, nTLSMD, EIS, TSCXT, EOS), then what we choose:
// M, C, I, SA, SA0, DZE, UCT, nTWI, nTWE, SPAN and UCI. SPAN is reserved as one too where there is no PSTATE.PAN; where there is, it is
// cleared, so that every exception to EL1 sets PAN.
#define SCTLR_EL1_RESERVED ((1 << 29) | (1 << 28) | (1 << 22) | (1 << 20) | (1 << 11))
#define SCTLR_EL1_SPAN (1 << 23)
// BT0 and BT1, where there is FEAT_BTI: PACIASP is a landing pad for calls only, at EL0 and EL1.
#define SCTLR_EL1_BT ((1 << 35) | (1 << 36))
#define SCTLR_EL1_MMU_OFF (SCTLR_EL1_RESERVED | (1 << 23))
#define SCTLR_EL1_MMU_ON (SCTLR_EL1_RESERVED | (1 << 0) | (1 << 2) | (1 << 3) | (1 << 4) | (1 << 12) | (1 << 14) | (1 << 15) | \
                          (1 << 16) | (1 << 18) | (1 << 23) | (1 << 26))

#define TABLE_DESCRIPTOR 0x3
// AF, inner shareable, read-only for EL1, not executable at EL0, page.
#define IDMAP_PAGE ((1 << 10) | (3 << 8) | (1 << 7) | (1 << 54) | 0x3)
// AF, inner shareable, writable, never executable, page; the shadow of the debug kernel and the entries of the root table that lead to it.
#define SHADOW_PAGE ((1 << 10) | (3 << 8) | (1 << 53) | (1 << 54) | 0x3)
#define SHADOW_FIRST_L0 128
#define SHADOW_L0_COUNT 64
// AF, inner shareable, writable and executable for EL1, not executable at EL0, block.
#define EARLY_KERNEL_BLOCK ((1 << 10) | (3 << 8) | (1 << 54) | 0x1)
