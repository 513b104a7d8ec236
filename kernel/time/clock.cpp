#include "kernel/time/clock.h"

#include <atomic>

#include "kernel/arch.h"
#include "kernel/lib/checked.h"
#include "kernel/time/counter_scale.h"
#include <tenon/time.h>

namespace tenon {
namespace clock {
namespace {

// Constant after initialise().
constinit CounterScale scale;
u64 entry = 0;
constinit std::atomic<u64> realtime_offset{0};
constinit std::atomic<u64> settings{0};

}  // namespace

void initialise(u64 entry_value)
{
    entry = entry_value;
    scale = CounterScale(arch::counter_frequency());
}

u64 entry_counter()
{
    return entry;
}

// The new offset, then the number; realtime_settings() looks at the number first (litmus: Publication.Pointer).
void set_realtime(u64 now)
{
    realtime_offset.store(now - monotonic_now(), std::memory_order_relaxed);
    settings.fetch_add(1, std::memory_order_release);
}

// Pairs with set_realtime() (litmus: Publication.Pointer).
u64 realtime_settings()
{
    return settings.load(std::memory_order_acquire);
}

u64 monotonic_at(u64 realtime)
{
    const u64 now = realtime_now();
    return realtime > now ? saturating_add(monotonic_now(), realtime - now) : 0;
}

u64 to_nanoseconds(u64 ticks)
{
    return scale.to_nanoseconds(ticks);
}

u64 to_ticks(u64 nanoseconds)
{
    return scale.to_ticks(nanoseconds);
}

u64 deadline_counter(u64 monotonic)
{
    return saturating_add(entry, to_ticks(monotonic));
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
