#include <array>

#include <gtest/gtest.h>

#include "kernel/arch.h"
#include "kernel/lib/cpu_set.h"
#include "kernel/lib/panic.h"
#include "kernel/thread/scheduler.h"
#include "kernel/time/timer.h"
#include "tests/core/machine/boot.h"
#include "tests/core/threads.h"
#include <tenon/time.h>

using namespace tenon;
using namespace tenon::test;

namespace {

// Its handler is at work for a while.
class SlowTimer final : public Timer {
public:
    ~SlowTimer() { disarm(); }

    u64 begun = 0;
    u64 ended = 0;

private:
    void timer_expired() override
    {
        ++begun;
        for (const u64 end = monotonic_now() + 20'000; monotonic_now() < end;)
            arch::relax();
        ++ended;
    }
};

// A timer is armed on one CPU and disarmed on another, before its time, while its handler runs, or after.
TEST(Timers, DisarmedOnAnotherCpu)
{
    std::atomic<u64> expired{0};
    run_threads(3, [&](unsigned index) {
        u64 round = index;
        for (Time time; time.is_left() || expired.load() == 0; ++round) {
            const unsigned cpu = round % machine::cpu_count;
            scheduler::set_allowed_cpus(arch::current_thread(), set_of_cpu(cpu));
            SlowTimer timer;
            const u64 deadline = monotonic_now() + 30'000;
            timer.arm(deadline);
            scheduler::set_allowed_cpus(arch::current_thread(), set_of_cpu((cpu + 1) % machine::cpu_count));
            while (monotonic_now() < deadline + round % 8 * 5'000)
                arch::relax();
            timer.disarm();
            expect(timer.begun == timer.ended && timer.begun <= 1, "a timer's handler runs after it has been disarmed");
            expired.fetch_add(timer.ended, std::memory_order_relaxed);
        }
    });
    EXPECT_GT(expired.load(), 0u);
}

}  // namespace
