// Exception vectors: save a UserRegisters frame on the kernel stack, call C++, restore. Arm ARM D1.3.1.

#include "arch/arm64/boot/layout.h"
#include "arch/arm64/sanitizer/fp_access.h"
#include "arch/arm64/trap/frame_layout.h"

// sp stands at the frame.
    .macro  save_registers
    stp     x0, x1, [sp]
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    mrs     x9, sp_el0
    stp     x30, x9, [sp, #240]
    mrs     x10, elr_el1
    mrs     x11, spsr_el1
    stp     x10, x11, [sp, #FRAME_PC]
    mov     x12, #-1
    str     x12, [sp, #FRAME_SYSTEM_CALL]
    .endm

    .macro  restore_registers_and_return
    ldp     x10, x11, [sp, #FRAME_PC]
    msr     elr_el1, x10
    msr     spsr_el1, x11
    ldp     x0, x1, [sp]
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x18, x19, [sp, #144]
    ldp     x20, x21, [sp, #160]
    ldp     x22, x23, [sp, #176]
    ldp     x24, x25, [sp, #192]
    ldp     x26, x27, [sp, #208]
    ldp     x28, x29, [sp, #224]
    ldr     x30, [sp, #240]
    add     sp, sp, #FRAME_SIZE
    eret
    .endm

// From user space the stack pointer is the top of the thread's kernel stack.
    .macro  user_vector handler
    .balign 128
    sub     sp, sp, #FRAME_SIZE
    b       user_\handler
    .endm

// From the kernel the stack may be exhausted. x0 is kept in TPIDRRO_EL0 meanwhile, which user space sees as zero.
    .macro  kernel_vector handler
    .balign 128
    sub     sp, sp, #FRAME_SIZE
    msr     tpidrro_el0, x0
    mov     x0, sp
    tbz     x0, #STACK_SHIFT, 1f
    mrs     x0, tpidrro_el0
    msr     tpidrro_el0, xzr
    b       kernel_\handler
1:  b       stack_overflow
    .endm

    .macro  user_entry handler
user_\handler:
    save_registers
#ifdef TENON_DEBUG
    forbid_fp x9
#endif
    mov     x29, xzr
    mov     x0, sp
    bl      handle_user_\handler
    b       return_to_user
    .endm

    .macro  kernel_entry handler
kernel_\handler:
    save_registers
    mov     x0, sp
    bl      handle_kernel_\handler
    restore_registers_and_return
    .endm

    .section .vectors, "ax"
    .balign 2048
    .globl  exception_vectors
exception_vectors:
    kernel_vector unexpected                    // from EL1 on SP_EL0, which the kernel never uses
    kernel_vector unexpected
    kernel_vector unexpected
    kernel_vector unexpected
    kernel_vector synchronous
    kernel_vector interrupt
    kernel_vector unexpected                    // FIQ
    kernel_vector system_error
    user_vector synchronous
    user_vector interrupt
    user_vector unexpected
    user_vector system_error
    user_vector unexpected                      // AArch32 programs are never started
    user_vector unexpected
    user_vector unexpected
    user_vector unexpected
    .balign 128

    .text
    user_entry synchronous
    user_entry interrupt
    user_entry system_error
    user_entry unexpected
    kernel_entry synchronous
    kernel_entry interrupt
    kernel_entry system_error
    kernel_entry unexpected

// sp stands at a complete frame, interrupts are off.
    .globl  return_to_user
return_to_user:
    ldr     x9, [sp, #FRAME_SP]
    msr     sp_el0, x9
#ifdef TENON_DEBUG
    allow_fp x9
#endif
    restore_registers_and_return

// arch::enter_user: x0 = registers; the frame goes to the top of the stack, x1 = where.
    .globl  enter_user_at
enter_user_at:
    mov     x9, #FRAME_SIZE
1:  ldp     x10, x11, [x0], #16
    stp     x10, x11, [x1], #16
    subs    x9, x9, #16
    b.ne    1b
    sub     sp, x1, #FRAME_SIZE
    mov     x29, xzr
    mov     x0, sp
    bl      finish_enter_user
    b       return_to_user

// arch::capture_registers: x0 = where to. pc is the caller.
    .globl  capture_registers
    .hidden capture_registers
capture_registers:
    stp     x0, x1, [x0]
    stp     x2, x3, [x0, #16]
    stp     x4, x5, [x0, #32]
    stp     x6, x7, [x0, #48]
    stp     x8, x9, [x0, #64]
    stp     x10, x11, [x0, #80]
    stp     x12, x13, [x0, #96]
    stp     x14, x15, [x0, #112]
    stp     x16, x17, [x0, #128]
    stp     x18, x19, [x0, #144]
    stp     x20, x21, [x0, #160]
    stp     x22, x23, [x0, #176]
    stp     x24, x25, [x0, #192]
    stp     x26, x27, [x0, #208]
    stp     x28, x29, [x0, #224]
    mrs     x9, sp_el0
    stp     x30, x9, [x0, #240]
    mrs     x10, spsr_el1
    stp     x30, x10, [x0, #FRAME_PC]
    ret

// x0 = the bad stack pointer, FRAME_SIZE below where it was. TPIDR_EL0 is lost: this CPU does not come back.
stack_overflow:
    msr     tpidr_el0, x0
    mrs     x0, tpidr_el1
    ldr     x0, [x0, #CPU_EMERGENCY_STACK_TOP]
    mov     sp, x0
    sub     sp, sp, #FRAME_SIZE
    mrs     x0, tpidrro_el0
    save_registers
    mov     x0, sp
    mrs     x1, tpidr_el0
    add     x1, x1, #FRAME_SIZE
    bl      handle_stack_overflow
    b       .
