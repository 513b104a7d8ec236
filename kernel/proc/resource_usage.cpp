#include "kernel/proc/resource_usage.h"

#include "kernel/time/clock.h"

namespace tenon {

namespace {

ResourceUsage::TimeValue time_value(u64 counter_ticks)
{
    const u64 microseconds = clock::to_nanoseconds(counter_ticks) / 1000;
    return {.seconds = static_cast<i64>(microseconds / 1'000'000), .microseconds = static_cast<i64>(microseconds % 1'000'000)};
}

}  // namespace

ResourceUsage ResourceUsage::of(const Process::Times& times)
{
    return {.user = time_value(times.user), .system = time_value(times.system)};
}

u64 clock_ticks(u64 counter_ticks)
{
    constexpr u64 nanoseconds_per_clock_tick = 10'000'000;
    return clock::to_nanoseconds(counter_ticks) / nanoseconds_per_clock_tick;
}

}  // namespace tenon
