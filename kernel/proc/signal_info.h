#pragma once

#include <array>

#include "kernel/lib/types.h"

namespace tenon {

// What is known about a sent signal. The layout is the start of arm64 Linux's siginfo_t (128 bytes; the rest is zero).
struct SignalInfo {
    // si_code: who sent it.
    static constexpr i32 from_user = 0;
    static constexpr i32 from_kernel = 0x80;
    static constexpr i32 from_queue = -1;
    static constexpr i32 from_timer = -2;
    static constexpr i32 from_thread_kill = -6;
    // si_code of SIGCHLD.
    static constexpr i32 child_exited = 1;
    static constexpr i32 child_killed = 2;
    static constexpr i32 child_stopped = 5;
    static constexpr i32 child_continued = 6;
    // si_code of SIGSEGV, SIGBUS, SIGILL, SIGTRAP.
    static constexpr i32 not_mapped = 1;
    static constexpr i32 no_access = 2;
    static constexpr i32 bus_alignment = 1;
    static constexpr i32 bus_no_object = 2;
    static constexpr i32 illegal_opcode = 1;
    static constexpr i32 trap_breakpoint = 1;

    i32 number = 0;
    i32 error = 0;
    i32 code = from_kernel;
    i32 padding = 0;
    // Process signals: pid and uid in the first word; SIGCHLD: then status, user and system time; faults: the address;
    // timers: id and overrun count, then the value that was asked for.
    std::array<u64, 4> fields{};

    static constexpr SignalInfo kernel(int number) { return {.number = number}; }
    static constexpr SignalInfo process(int number, i32 code, u32 sender, u32 user)
    {
        return {.number = number, .code = code, .fields = {sender | u64{user} << 32}};
    }
    static constexpr SignalInfo fault(int number, i32 code, u64 address)
    {
        return {.number = number, .code = code, .fields = {address}};
    }
    // `status` is the exit code or the signal number, as `code` says.
    static constexpr SignalInfo child(i32 code, u32 child, u32 user, i32 status)
    {
        return {.number = 17, .code = code, .fields = {child | u64{user} << 32, static_cast<u32>(status)}};
    }
};
static_assert(sizeof(SignalInfo) == 48);

constexpr usize user_signal_info_size = 128;

// What user space is given: the rest is zero.
struct UserSignalInfo {
    SignalInfo info;
    u8 rest[user_signal_info_size - sizeof(SignalInfo)] = {};
};

}  // namespace tenon
