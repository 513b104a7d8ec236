#include "kernel/proc/quiescence.h"

#include <array>
#include <atomic>

#include "kernel/arch.h"
#include "kernel/lib/types.h"
#include "kernel/proc/scheduler.h"

namespace tenon::quiescence {
namespace {

// Even while the CPU is idle, odd while it runs threads; changes at every quiescent point.
struct alignas(64) Cpu {
    std::atomic<u64> passes{0};
};
constinit std::array<Cpu, arch::max_cpus> cpus;

bool is_idle(u64 passes)
{
    return (passes & 1) == 0;
}

std::atomic<u64>& own_passes()
{
    return cpus[arch::cpu_index()].passes;
}

}  // namespace

void pass()
{
    std::atomic<u64>& passes = own_passes();
    const u64 now = passes.load(std::memory_order_relaxed);
    passes.store((now | 1) + 2, std::memory_order_seq_cst);
}

void enter_idle()
{
    std::atomic<u64>& passes = own_passes();
    passes.store((passes.load(std::memory_order_relaxed) | 1) + 1, std::memory_order_seq_cst);
}

void leave_idle()
{
    pass();
}

void wait()
{
    std::array<u64, arch::max_cpus> seen;
    for (unsigned cpu = 0; cpu < arch::max_cpus; ++cpu)
        seen[cpu] = cpus[cpu].passes.load(std::memory_order_seq_cst);
    const unsigned own = arch::cpu_index();
    for (unsigned cpu = 0; cpu < arch::max_cpus; ++cpu) {
        const auto left = [&] { return cpus[cpu].passes.load(std::memory_order_seq_cst) != seen[cpu]; };
        if (cpu == own || is_idle(seen[cpu]) || left())
            continue;
        arch::send_reschedule(cpu);
        while (!left())
            scheduler::yield();
    }
}

}  // namespace tenon::quiescence
