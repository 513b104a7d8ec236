#pragma once

#include <memory>
#include <type_traits>

#include "kernel/lib/no_copy.h"
#include <tenon/api.h>

namespace tenon {

namespace detail {

TENON_API void run_on_all_cpus(void (*function)(void*), void* argument);

}  // namespace detail

// The FP/SIMD registers belong to the program that runs. What uses them in the kernel (libraries built for user space, assembly) stands
// inside this scope, which keeps the program's. Scopes do not nest. Threads only; must not block.
class TENON_API KernelFpScope : NoCopy {
public:
    KernelFpScope();
    ~KernelFpScope();
};

// Runs `callback()` once on every CPU that has started, this one included, and returns when all have done so: what they did is visible
// to the caller, and what the caller did before is visible to them. It runs with the CPU's interrupts off, on any CPU in the middle of
// anything, at the same time on several: it must not block, and takes spinlocks only if all holders turn interrupts off. Called by
// threads with interrupts on and no spinlock held; one call at a time, others wait. May block.
template <typename Callback>
void run_on_all_cpus(Callback&& callback)
{
    using Target = std::remove_reference_t<Callback>;
    detail::run_on_all_cpus([](void* target) { (*static_cast<Target*>(target))(); },
                            const_cast<void*>(static_cast<const void*>(std::addressof(callback))));
}

}  // namespace tenon
