#pragma once

#include "kernel/lib/types.h"

namespace tenon {

// A bit for each CPU.
using CpuSet = u32;

constexpr unsigned cpu_set_size = 32;

constexpr CpuSet set_of_cpu(unsigned cpu)
{
    return CpuSet{1} << cpu;
}

// CPUs 0 to count - 1.
constexpr CpuSet set_of_first_cpus(unsigned count)
{
    return count < cpu_set_size ? set_of_cpu(count) - 1 : ~CpuSet{0};
}

}  // namespace tenon
