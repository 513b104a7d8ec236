#include "kernel/thread/load_average.h"

#include <array>
#include <atomic>

#include "kernel/thread/scheduler.h"
#include <tenon/time.h>

namespace tenon::load_average {

namespace {

constexpr u64 one = u64{1} << fraction_bits;
constexpr u64 period = 5 * nanoseconds_per_second;
// one * exp(-5 s / 1, 5, 15 min)
constexpr std::array<u64, 3> decays{1884, 2014, 2037};

std::array<std::atomic<u64>, 3> averages;

void run(void*)
{
    for (;;) {
        static_cast<void>(sleep_for(period, Interruptible::no));
        const u64 active = scheduler::statistics().runnable * one;
        for (usize index = 0; index < averages.size(); ++index) {
            const u64 former = averages[index].load(std::memory_order_relaxed);
            const u64 sum = former * decays[index] + active * (one - decays[index]);
            averages[index].store((sum + (active >= former ? one - 1 : 0)) >> fraction_bits, std::memory_order_relaxed);
        }
    }
}

}  // namespace

Result<> initialise()
{
    const auto thread = TRY(Thread::create("loadavg", run, nullptr));
    scheduler::start_thread(*thread);
    return {};
}

u64 get(usize index)
{
    return averages[index].load(std::memory_order_relaxed);
}

}  // namespace tenon::load_average
