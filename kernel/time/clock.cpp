#include "kernel/time/clock.h"

#include <atomic>

#include "kernel/arch.h"
#include <tenon/time.h>

namespace tenon {
namespace clock {
namespace {

// Fixed-point factors with 32 fraction bits; constant after initialise().
u64 nanoseconds_per_tick = 0;
u64 ticks_per_nanosecond = 0;
u64 entry = 0;
constinit std::atomic<u64> realtime_offset{0};

constexpr u64 fraction = u64{1} << 32;

u64 scale(u64 value, u64 factor)
{
    return static_cast<u64>((static_cast<unsigned __int128>(value) * factor) >> 32);
}

}  // namespace

void initialise(u64 entry_value)
{
    const u64 frequency = arch::counter_frequency();
    entry = entry_value;
    nanoseconds_per_tick = static_cast<u64>(static_cast<unsigned __int128>(nanoseconds_per_second) * fraction / frequency);
    ticks_per_nanosecond = frequency * fraction / nanoseconds_per_second + 1;
}

u64 entry_counter()
{
    return entry;
}

void set_realtime(u64 now)
{
    realtime_offset.store(now - monotonic_now(), std::memory_order_relaxed);
}

u64 to_nanoseconds(u64 ticks)
{
    return scale(ticks, nanoseconds_per_tick);
}

u64 to_ticks(u64 nanoseconds)
{
    return scale(nanoseconds, ticks_per_nanosecond) + 1;
}

u64 deadline_counter(u64 monotonic)
{
    return entry + to_ticks(monotonic);
}

}  // namespace clock

u64 monotonic_now()
{
    return clock::to_nanoseconds(arch::counter() - clock::entry);
}

u64 realtime_now()
{
    return clock::realtime_offset.load(std::memory_order_relaxed) + monotonic_now();
}

}  // namespace tenon
