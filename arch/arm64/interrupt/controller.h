#pragma once

#include "arch/arm64/interrupt/statistics.h"
#include "kernel/arch.h"

namespace tenon::arch {

enum class InterruptedMode : bool { kernel, user };

// Software-generated interrupts (INTID 0 to 15) and private ones that the kernel uses.
enum class CpuSignal : u32 { reschedule = 0, stop = 1, call = 2 };
constexpr u32 virtual_timer_interrupt = 27;
constexpr u32 first_shared_interrupt = 32;
constexpr u32 interrupt_limit = 1020;  // from here on: special INTIDs

// A Generic Interrupt Controller. Functions are called with interrupts off.
class InterruptController {
public:
    virtual void initialise_cpu() = 0;  // the calling CPU's interface, with the timer's interrupt enabled
    virtual u32 acknowledge() = 0;      // at least interrupt_limit: nothing is pending
    virtual void end(u32 number) = 0;
    virtual void enable(u32 number) = 0;  // shared interrupts, on the boot CPU
    virtual void disable(u32 number) = 0;
    virtual void signal(unsigned cpu, CpuSignal signal) = 0;
    virtual void signal_others(CpuSignal signal) = 0;

protected:
    ~InterruptController() = default;
};

}  // namespace tenon::arch

namespace tenon::arch::interrupt_controller {

// Finds the controller in the device tree and initialises it and the boot CPU's part. Panics when there is none.
void initialise();
void initialise_cpu();

// How often one of the private or software-generated interrupts has come.
const InterruptCount& count(u32 number);

// Handles the interrupts that are pending on this CPU, which came in code with these registers. Interrupts are off.
void dispatch(InterruptedMode mode, const UserRegisters& interrupted);

}  // namespace tenon::arch::interrupt_controller
