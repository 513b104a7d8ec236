#include <tenon/sync.h>

#include "kernel/arch.h"
#include "kernel/lib/panic.h"
#include "kernel/thread/sanitizer/lock_order.h"

namespace tenon {

// Apart from lock(), whose common path it would burden. Acquire here and there pairs with release in unlock() (litmus: Locks.Spinlock).
[[gnu::noinline]] void Spinlock::wait_for_holder(u32 cpu)
{
    u32 holder = nobody;
    while (!holder_.compare_exchange_weak(holder, cpu, std::memory_order_acquire, std::memory_order_relaxed)) {
        expect(holder != cpu, "spinlock taken twice by one CPU");
        while (holder_.load(std::memory_order_relaxed) != nobody)
            arch::relax();
        holder = nobody;
    }
}

// litmus: Locks.Spinlock
void Spinlock::lock()
{
    const u64 interrupts = arch::disable_interrupts();
    const u32 cpu = arch::cpu_index();
    lock_order::before_spinlock(class_);
    u32 holder = nobody;
    if (!holder_.compare_exchange_strong(holder, cpu, std::memory_order_acquire, std::memory_order_relaxed)) [[unlikely]]
        wait_for_holder(cpu);
    saved_interrupts_ = interrupts;
    lock_order::after_spinlock(class_);
}

// litmus: Locks.Spinlock
void Spinlock::unlock()
{
    const u64 interrupts = saved_interrupts_;
    lock_order::note_unlocked_spinlock(class_);
    holder_.store(nobody, std::memory_order_release);
    arch::restore_interrupts(interrupts);
}

bool Spinlock::is_held_by_this_cpu() const
{
    return holder_.load(std::memory_order_relaxed) == arch::cpu_index();
}

}  // namespace tenon
