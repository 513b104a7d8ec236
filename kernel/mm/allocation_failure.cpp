#include "kernel/mm/allocation_failure.h"

#include <utility>

#include "kernel/arch.h"
#include "kernel/thread/thread.h"

namespace tenon::allocation_failure {

constinit std::atomic<u32> waiting{0};

void set(u32 nth)
{
    u32& countdown = arch::current_thread().failing_allocation;
    if ((countdown != 0) != (nth != 0))
        waiting.fetch_add(nth != 0 ? 1 : ~u32{0}, std::memory_order_relaxed);
    countdown = nth;
}

u32 left()
{
    return arch::current_thread().failing_allocation;
}

// Apart from is_due(), whose callers it would burden.
[[gnu::noinline]] bool count_one()
{
    Thread* const thread = arch::current_thread_if_any();
    if (thread == nullptr || thread->failing_allocation == 0 || --thread->failing_allocation != 0)
        return false;
    waiting.fetch_sub(1, std::memory_order_relaxed);
    return true;
}

void Suspension::put_aside()
{
    left_ = std::exchange(arch::current_thread().failing_allocation, 0);
}

void Suspension::put_back()
{
    arch::current_thread().failing_allocation = left_;
}

}  // namespace tenon::allocation_failure
