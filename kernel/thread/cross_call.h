#pragma once

// The machinery of run_on_all_cpus (<tenon/cpu.h>): the caller writes down the function, interrupts the other CPUs, and each
// acknowledges when it has run it.

namespace tenon::cross_call {

// The calling CPU answers from now on. Its interrupts can be delivered, though they may be off.
void join();
// From the interrupt that arch::send_call() makes.
void answer();

// Returns when every CPU has discarded the instructions that it had fetched (context synchronisation, Arm ARM B2.3.7) at some time since
// the call. CPUs that sleep are left alone: they do so when they wake. Threads only, interrupts on; may block.
void synchronise_contexts();

}  // namespace tenon::cross_call
