#pragma once

#include <array>

#include "kernel/lib/types.h"

namespace tenon {

// struct rlimit64.
struct ResourceLimit {
    static constexpr u64 infinity = ~u64{0};

    u64 current = infinity;
    u64 maximum = infinity;
};

// The resources of getrlimit(2), with Linux's numbers. Stored and inherited; stack, data and open files act.
struct ResourceLimits {
    static constexpr usize stack = 3;
    static constexpr usize core = 4;
    static constexpr usize processes = 6;
    static constexpr usize open_files = 7;
    static constexpr usize count = 16;

    std::array<ResourceLimit, count> values;

    static ResourceLimits initial();
};

}  // namespace tenon
