#pragma once

#include <atomic>

#include "kernel/arch.h"

// The machine on which the synchronisation core runs in this program. A host thread is a CPU, and what ThreadSanitizer knows of as a thread is
// just that: kernel threads are contexts that the CPUs switch between without its knowledge. So whatever one CPU did and another sees,
// the stack and the registers of a thread that moves included, must have been handed over by the core's own atomics.
//
// What it does not see: stand-alone fences. They are real instructions here, but ThreadSanitizer draws no conclusion from them, so what
// they alone hand over is reported; whether the fence that lets one of two CPUs see the other's store can be left out shows in
// tests/litmus only. And the host's processor reorders less than others do: an order that is too weak shows as a race, not as a wrong
// value. Nothing that stands for the machine (interrupts, sleeping, the switch) orders memory either.

namespace tenon::machine {

constexpr u64 never = ~u64{0};

enum Signal : u32 {
    reschedule = 1,
    call = 2,
};

// Used by its own CPU only, unless said otherwise.
struct alignas(64) Cpu {
    Thread* current = nullptr;
    unsigned index = 0;
    bool takes_interrupts = false;
    u64 next_tick = never;  // counter values
    u64 next_event = never;
    const arch::UserRegisters* interrupted = nullptr;
    std::atomic<u32> pending{0};  // Signals of all CPUs; relaxed, so that they hand over nothing
};

// Not to be kept across anything that may switch.
Cpu& this_cpu();
// The calling host thread is this CPU from now on.
void become_cpu(unsigned index);

// Interrupts come where the kernel turns them on, looks whether they are on, or waits in a loop; and in user code.
// As an interrupt that came in user code, with all that the kernel does on the way back, if one is pending.
void run_user_code();

}  // namespace tenon::machine
