#pragma once

#include <initializer_list>
#include <span>

#include "kernel/lib/types.h"

namespace tenon::test {

// Numbers that a seed fixes on every machine and with every library (SplitMix64, Steele, Lea and Flood, 2014).
class Random {
public:
    explicit Random(u64 seed) : state_(seed) {}

    u64 bits()
    {
        u64 z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    // In [0, limit); `limit` is not 0.
    u64 below(u64 limit) { return bits() % limit; }

    // So many times in a hundred.
    bool chance(unsigned percent) { return below(100) < percent; }

    template <typename T>
    const T& one_of(std::span<const T> items)
    {
        return items[below(items.size())];
    }
    template <typename T>
    T one_of(std::initializer_list<T> items)
    {
        return items.begin()[below(items.size())];
    }

private:
    u64 state_;
};

}  // namespace tenon::test
