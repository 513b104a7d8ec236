#pragma once

#include <atomic>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/types.h"

// Allocations of objects and of page frames that fail on demand, so that tests see what calls leave behind when memory ends at each place
// in them. A thread says which of its next allocations it is: /proc/thread-self/fail-nth, as Linux has it (Documentation/fault-injection).

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

// While one lives, nothing that the running thread allocates is counted: where nobody could be told that it has failed.
class Suspension : NoCopy {
public:
    Suspension()
    {
        if (waiting.load(std::memory_order_relaxed) != 0) [[unlikely]]
            put_aside();
    }
    ~Suspension()
    {
        if (left_ != 0) [[unlikely]]
            put_back();
    }

private:
    void put_aside();
    void put_back();

    u32 left_ = 0;
};

}  // namespace tenon::allocation_failure
