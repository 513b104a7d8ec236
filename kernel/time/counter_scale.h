#pragma once

#include <algorithm>
#include <limits>

#include "kernel/lib/types.h"

namespace tenon {

// Conversion between ticks of a counter and nanoseconds, for frequencies from 1 MHz to 10 GHz and all 64-bit values. What does not fit
// becomes the largest value. Both directions are monotonic, and each exactly undoes the other's rounding: to_ticks(t) is the first tick
// at which to_nanoseconds() has reached t, so a timer set by it finds its time come.
class CounterScale {
public:
    constexpr CounterScale() = default;
    constexpr explicit CounterScale(u64 frequency)
        : nanoseconds_per_tick_(static_cast<u64>((Wide{1'000'000'000} << fraction_bits) / frequency))
    {
    }

    constexpr u64 to_nanoseconds(u64 ticks) const { return saturated((Wide{ticks} * nanoseconds_per_tick_) >> fraction_bits); }

    constexpr u64 to_ticks(u64 nanoseconds) const
    {
        return saturated(((Wide{nanoseconds} << fraction_bits) + nanoseconds_per_tick_ - 1) / nanoseconds_per_tick_);
    }

private:
    using Wide = unsigned __int128;

    static constexpr unsigned fraction_bits = 32;

    static constexpr u64 saturated(Wide value)
    {
        return static_cast<u64>(std::min(value, Wide{std::numeric_limits<u64>::max()}));
    }

    u64 nanoseconds_per_tick_ = 1;  // no frequency yet: time practically stands
};

}  // namespace tenon
