#pragma once

// Offsets for assembly; arch/arm64/trap/trap.cpp and arch/arm64/smp/cpu.cpp assert that they are right. Numbers only.

#define FRAME_SP 248
#define FRAME_PC 256
#define FRAME_SYSTEM_CALL 280
#define FRAME_SIZE 288

#define CPU_EMERGENCY_STACK_TOP 8

#define CONTEXT_X19 0
#define CONTEXT_FP 80
#define CONTEXT_SP 88
#define CONTEXT_PC 96
