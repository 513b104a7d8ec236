#pragma once

#include "kernel/lib/address.h"
#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include "kernel/mm/ledger.h"

namespace tenon {

// The stack of a thread: Thread::stack_size bytes mapped in the upper half of a block of twice the size, aligned to it; the
// lower half stays unmapped. The exception vectors rely on that to recognise an overflow.
class KernelStack : NoCopy {
public:
    static Result<KernelStack> allocate();
    KernelStack() = default;
    KernelStack(KernelStack&& other) noexcept;
    KernelStack& operator=(KernelStack&& other) noexcept;
    ~KernelStack();

    KernelAddr top() const { return top_; }

private:
    KernelAddr top_;  // 0: empty
    ledger::Charge charge_;
};

}  // namespace tenon
