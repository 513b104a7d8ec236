#pragma once

// Tells when every CPU has left the kernel code that it was executing. Kernel code is not preempted, so a CPU is out of it when it
// switches threads, returns to user space or is idle. Unloading rests on this.

namespace tenon::quiescence {

// Called by the scheduler at each thread switch and on each way back to user space, on the CPU concerned. Interrupts off or on.
void pass();

// Around the idle loop's sleep; interrupt handlers that run meanwhile count as outside: their owners take care of them (InterruptLine's
// destructor). A CPU counts as idle until it first runs a thread.
void enter_idle();
void leave_idle();

// Blocks until every other CPU has passed a quiescent point since the call, or is idle.
void wait();

}  // namespace tenon::quiescence
