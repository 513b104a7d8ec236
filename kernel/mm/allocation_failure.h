#pragma once

#include <atomic>

#include "kernel/lib/types.h"

// Allocations from the heap that fail on demand, so that tests see what calls leave behind when memory ends at each place in them. A thread
// says which of its next allocations it is: /proc/thread-self/fail-nth, as Linux has it (Documentation/fault-injection).

namespace tenon::allocation_failure {

// Of the calling thread: the n-th allocation from now on fails, once; 0: none.
void set(u32 nth);
// How many are left up to the one that fails; 0 when it has failed or none was to.
u32 left();

extern std::atomic<u32> waiting;  // threads that were told to lose one

// Whether this is the allocation that the running thread loses. Every context.
bool count_one();
inline bool is_due()
{
    return waiting.load(std::memory_order_relaxed) != 0 && count_one();
}

}  // namespace tenon::allocation_failure
