#include <tenon/sync.h>

#include "kernel/arch.h"
#include "kernel/lib/panic.h"

namespace tenon {

namespace {

// Apart from lock(), whose common path it would burden.
[[gnu::noinline, noreturn]] void report_second_take()
{
    panic("spinlock taken twice by one CPU");
}

}  // namespace

void Spinlock::lock()
{
    const u64 interrupts = arch::disable_interrupts();
    const u32 cpu = arch::cpu_index();
    if (holder_.load(std::memory_order_relaxed) == cpu) [[unlikely]]
        report_second_take();
    const u32 ticket = next_.fetch_add(1, std::memory_order_relaxed);
    while (serving_.load(std::memory_order_acquire) != ticket)
        arch::relax();
    holder_.store(cpu, std::memory_order_relaxed);
    saved_interrupts_ = interrupts;
}

void Spinlock::unlock()
{
    const u64 interrupts = saved_interrupts_;
    holder_.store(~0u, std::memory_order_relaxed);
    serving_.store(serving_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    arch::restore_interrupts(interrupts);
}

bool Spinlock::is_held_by_this_cpu() const
{
    return holder_.load(std::memory_order_relaxed) == arch::cpu_index();
}

}  // namespace tenon
