#include "arch/arm64/interrupt/statistics.h"

#include "arch/arm64/interrupt/controller.h"
#include "arch/arm64/interrupt/lines.h"
#include "kernel/dev/interrupt_statistics.h"
#include "kernel/thread/scheduler.h"

namespace tenon::arch {

u64 InterruptCount::total() const
{
    u64 sum = 0;
    for (const auto& count : counts_)
        sum += count.load(std::memory_order_relaxed);
    return sum;
}

void InterruptCount::describe(TextSink& out) const
{
    for (unsigned cpu = 0; cpu < scheduler::online_cpus(); ++cpu)
        format_to(out, " {:>10}", counts_[cpu].load(std::memory_order_relaxed));
}

void describe_interrupts(TextSink& out)
{
    out.write("     ");
    for (unsigned cpu = 0; cpu < scheduler::online_cpus(); ++cpu)
        format_to(out, "       CPU{}", cpu);
    out.write("\n");
    format_to(out, "{:>4}:", virtual_timer_interrupt);
    interrupt_controller::count(virtual_timer_interrupt).describe(out);
    format_to(out, "  GIC {:>4}  timer\n", virtual_timer_interrupt);
    interrupt_lines::describe(out);
    const auto describe_signal = [&](CpuSignal signal, std::string_view meaning) {
        format_to(out, "IPI{}:", static_cast<u32>(signal));
        interrupt_controller::count(static_cast<u32>(signal)).describe(out);
        format_to(out, "  {}\n", meaning);
    };
    describe_signal(CpuSignal::reschedule, "rescheduling");
    describe_signal(CpuSignal::call, "function calls");
}

}  // namespace tenon::arch
