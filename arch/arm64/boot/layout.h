#pragma once

// What assembly, the linker script and C++ share about the image's place. Numbers only: the linker script includes this file.
// kernel/mm/layout.h is the authority; arch/arm64/boot/start.cpp asserts that they agree.

#define KERNEL_BASE 0xffffffff80000000
#ifdef TENON_DEBUG
#define KERNEL_SIZE 0x1800000
#else
#define KERNEL_SIZE 0x1000000
#endif
#define PAGE_SIZE 4096

// Kernel stacks fill the upper half of a block of 2 * STACK_SIZE aligned to its size, so that one bit of the stack pointer tells
// an overflow (arch/arm64/trap/vectors.S). The lower half is never mapped.
#ifdef TENON_DEBUG
#define STACK_SHIFT 15
#else
#define STACK_SHIFT 14
#endif
#define STACK_SIZE (1 << STACK_SHIFT)

// Slots of 2 MiB in the early page tables above the kernel and the module window; the final tables do not have them.
#define EARLY_WINDOW_FIRST_SLOT 64
