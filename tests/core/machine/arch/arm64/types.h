#pragma once

#include <ucontext.h>

#include "kernel/lib/types.h"

// Found before arch/arm64/types.h in this build.

namespace tenon::arch {

struct UserRegisters {
    u64 system_call_number;
};

struct FpState {};

struct ThreadContext {
    ucontext_t registers;
    void (*entry)(void*);
    void* argument;
    // The C library's part of a switch is not seen by ThreadSanitizer. This stands for the registers: written by the CPU that the thread
    // leaves, read by the one that it goes on on.
    u64 left_cpu;
};

}  // namespace tenon::arch
