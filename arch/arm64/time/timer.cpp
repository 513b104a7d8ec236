#include "arch/arm64/time/timer.h"

#include <algorithm>

#include "arch/arm64/smp/cpu.h"
#include "kernel/log/ring.h"
#include "kernel/thread/scheduler.h"
#include "kernel/time/timer.h"

// The virtual timer of the Generic Timer (Arm ARM D11.2): an interrupt while the counter is at or past its compare value.

namespace tenon::arch {
namespace {

constexpr u64 never = ~u64{0};

u64 tick_period()
{
    return counter_frequency() / scheduler::tick_rate;
}

void program()
{
    const Cpu& cpu = this_cpu();
    asm volatile("msr cntv_cval_el0, %0\n\tisb" ::"r"(std::min(cpu.next_tick, cpu.next_event)) : "memory");
}

}  // namespace

// Not further away than the horizon: a comparison with a value behind the counter's range would hold at once. Who wants a later time
// finds it not come and sets the timer again.
void set_timer(u64 deadline)
{
    constexpr u64 horizon_seconds = 24 * 60 * 60;
    this_cpu().next_event = std::min(deadline, counter() + horizon_seconds * counter_frequency());
    program();
}

void timer::initialise_cpu()
{
    Cpu& cpu = this_cpu();
    cpu.next_event = never;
    cpu.next_tick = counter() + tick_period();
    program();
    asm volatile("msr cntv_ctl_el0, %0\n\tisb" ::"r"(u64{1}) : "memory");
    // User space may read the virtual counter, as the C library does: CNTKCTL_EL1.EL0VCTEN.
    asm volatile("msr cntkctl_el1, %0" ::"r"(u64{2}) : "memory");
}

void timer::handle_interrupt(InterruptedMode mode)
{
    Cpu& cpu = this_cpu();
    const u64 now = counter();
    if (now >= cpu.next_event) {
        cpu.next_event = never;
        timers::run_expired();
    }
    if (now >= cpu.next_tick) {
        const u64 period = tick_period();
        cpu.next_tick += ((now - cpu.next_tick) / period + 1) * period;
        scheduler::tick(mode == InterruptedMode::user);
        if (cpu.index == 0) {
            log::notify_readers();
            log::print_new_records();
        }
    }
    program();
}

}  // namespace tenon::arch
