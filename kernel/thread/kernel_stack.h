#pragma once

#include "kernel/lib/address.h"
#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"

namespace tenon::ledger {
class Account;
}

namespace tenon {

// The stack of a thread: Thread::stack_size bytes mapped in the upper half of a block of twice the size, aligned to it; the lower half
// stays unmapped. The exception vectors rely on that to recognise an overflow. kernel/mm/kernel_stack.cpp makes stacks and books them to
// the user who asks.
class KernelStack : NoCopy {
public:
    static Result<KernelStack> allocate();
    KernelStack() = default;
    KernelStack(KernelStack&& other) noexcept;
    KernelStack& operator=(KernelStack&& other) noexcept;
    ~KernelStack();

    KernelAddr top() const { return top_; }
    ledger::Account* payer() const { return payer_; }

private:
    KernelAddr top_;  // 0: empty
    ledger::Account* payer_ = nullptr;
};

}  // namespace tenon
