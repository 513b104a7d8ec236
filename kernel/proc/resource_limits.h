#pragma once

#include <array>

#include "kernel/lib/types.h"

namespace tenon {

class AddressSpace;

// struct rlimit64.
struct ResourceLimit {
    static constexpr u64 infinity = ~u64{0};

    u64 current = infinity;
    u64 maximum = infinity;
};

// The resources of getrlimit(2), with Linux's numbers. Stored and inherited; those that have a name here act.
struct ResourceLimits {
    static constexpr usize processor_time = 0;
    static constexpr usize file_size = 1;
    static constexpr usize data = 2;
    static constexpr usize stack = 3;
    static constexpr usize core = 4;
    static constexpr usize processes = 6;
    static constexpr usize open_files = 7;
    static constexpr usize memory_lock = 8;
    static constexpr usize address_space = 9;
    static constexpr usize pending_signals = 11;
    static constexpr usize nice = 13;
    static constexpr usize count = 16;

    std::array<ResourceLimit, count> values;

    static ResourceLimits initial();
    // Those that bound an address space; again after each change.
    void apply_to(AddressSpace& memory) const;
};

}  // namespace tenon
