#pragma once

#include <array>

#include "kernel/proc/process.h"

namespace tenon {

// struct rusage.
struct ResourceUsage {
    struct TimeValue {
        i64 seconds = 0;
        i64 microseconds = 0;
    };

    TimeValue user;
    TimeValue system;
    std::array<i64, 14> others{};  // not counted

    static ResourceUsage of(const Process::Times& times);
};
static_assert(sizeof(ResourceUsage) == 144);

// Counter ticks as the clock ticks (1/100 s) of times(2) and /proc/PID/stat.
u64 clock_ticks(u64 counter_ticks);

}  // namespace tenon
