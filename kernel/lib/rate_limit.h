#pragma once

#include <utility>

#include "kernel/lib/types.h"

namespace tenon {

// Lets through `burst` events in `interval`, counted from the first of them. The caller serialises.
class RateLimit {
public:
    static constexpr u64 interval = 5'000'000'000;  // nanoseconds
    static constexpr u32 burst = 10;

    // Whether an event at `now` (monotonic) passes.
    bool allows(u64 now)
    {
        if (passed_ == 0 || now - begin_ >= interval) {
            begin_ = now;
            passed_ = 0;
        }
        if (passed_ == burst) {
            ++suppressed_;
            return false;
        }
        ++passed_;
        return true;
    }

    // How many events have been held back since the last call.
    u32 take_suppressed() { return std::exchange(suppressed_, 0); }

private:
    u64 begin_ = 0;  // of the interval
    u32 passed_ = 0;
    u32 suppressed_ = 0;
};

}  // namespace tenon
