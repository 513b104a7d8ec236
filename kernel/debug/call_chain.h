#pragma once

#include <array>
#include <span>

#include "kernel/arch.h"

namespace tenon {

// The calls that lead to some code, innermost first, for reports that the system survives. Taken down before anything is printed, whose
// frames might overwrite it. Every context, no locks.
class CallChain {
public:
    // Of the function whose frame record is at `frame_pointer`: its callers.
    explicit CallChain(u64 frame_pointer);
    // Of interrupted code, which is the first place itself.
    explicit CallChain(const arch::UserRegisters& interrupted);

    // Each place is that of the call, not where it returns to, which may be the next function already.
    std::span<const u64> places() const { return std::span(places_).first(count_); }
    // With the CPU and the thread, to the log.
    void print() const;

private:
    void add_callers(u64 frame_pointer);

    std::array<u64, 32> places_;
    usize count_ = 0;
};

}  // namespace tenon
