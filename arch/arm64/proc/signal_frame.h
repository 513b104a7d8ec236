#pragma once

#include "arch/arm64/types.h"
#include "kernel/proc/signal.h"

// The signal frame of arm64 Linux (arch/arm64/include/uapi/asm/sigcontext.h, ucontext.h): what a handler gets as its
// second and third argument, and what rt_sigreturn reads back.

namespace tenon::arch {

struct SignalContextHeader {
    u32 magic = 0;
    u32 size = 0;
};

struct FpContext {
    static constexpr u32 magic = 0x4650'8001;

    SignalContextHeader header;
    u32 fpsr = 0;
    u32 fpcr = 0;
    u8 v[32][16] = {};
};
static_assert(sizeof(FpContext) == 528);

struct alignas(16) MachineContext {
    u64 fault_address = 0;
    u64 x[31] = {};
    u64 sp = 0;
    u64 pc = 0;
    u64 pstate = 0;
    u64 padding = 0;
    // Records, each with a header; one of magic 0 ends them.
    alignas(16) FpContext fp;
    SignalContextHeader end;
    u8 unused[4096 - sizeof(FpContext) - sizeof(SignalContextHeader)] = {};
};
static_assert(offsetof(MachineContext, fp) == 288);

struct UserContext {
    u64 flags = 0;
    u64 link = 0;
    SignalStack stack;
    SignalSet mask;
    u8 unused[128] = {};
    MachineContext machine;
};
static_assert(offsetof(UserContext, mask) == 40 && offsetof(UserContext, machine) == 176 && sizeof(UserContext) == 4560);

struct SignalFrame {
    SignalInfo info;
    u8 info_rest[user_signal_info_size - sizeof(SignalInfo)] = {};
    UserContext context;
};
static_assert(sizeof(SignalFrame) == 4688 && offsetof(SignalFrame, context) == 128);

// Links the handler's frame to the interrupted one for unwinders; stands right above the SignalFrame.
struct FrameRecord {
    u64 fp = 0;
    u64 lr = 0;
};

}  // namespace tenon::arch
