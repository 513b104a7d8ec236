// What only a KernelFpScope may do (kernel/debug/faults).

#include "arch/arm64/lib/landing_pad.h"

    .arch armv8-a+fp

    .text
    .globl  use_fp_register
    .hidden use_fp_register
    .type   use_fp_register, %function
use_fp_register:
    LANDING_PAD
    fmov    d31, xzr
    ret
    .size   use_fp_register, . - use_fp_register
