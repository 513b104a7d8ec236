#include <array>

#include <gtest/gtest.h>

#include "kernel/arch.h"
#include "kernel/lib/panic.h"
#include "kernel/thread/cross_call.h"
#include "kernel/thread/scheduler.h"
#include "tests/core/machine/boot.h"
#include "tests/core/threads.h"
#include <tenon/cpu.h>
#include <tenon/sync.h>
#include <tenon/time.h>

using namespace tenon;
using namespace tenon::test;

namespace {

// What the caller wrote is seen by every CPU, and what they wrote by the caller, whoever calls next.
TEST(CrossCalls, HandOverThereAndBack)
{
    std::array<u64, arch::max_cpus> calls{};  // of each CPU, written by it
    std::atomic<u64> sum{0};
    run_threads(3, [&](unsigned index) {
        u64 request = index;
        for (Time time; time.is_left(); (void)resched_point()) {
            ++request;
            std::array<u64, machine::cpu_count> answers{};
            run_on_all_cpus([&] {
                ++calls[arch::cpu_index()];
                answers[arch::cpu_index()] = request + 1;
            });
            for (const u64 answer : answers)
                expect(answer == request + 1, "a CPU has not run the call, or not seen its argument");
            sum.fetch_add(1, std::memory_order_relaxed);
        }
    });
    for (unsigned cpu = 0; cpu < machine::cpu_count; ++cpu)
        EXPECT_EQ(calls[cpu], sum.load()) << "CPU " << cpu;
    EXPECT_GT(sum.load(), 0u);
}

// All CPUs, asleep or awake, have seen what was written before it: then the text that a module had may be another's.
TEST(CrossCalls, ContextsAreSynchronisedWithSleepersAround)
{
    u64 rounds = 0;
    std::atomic<bool> over{false};
    run_threads(3, [&](unsigned index) {
        if (index == 0) {
            for (Time time; time.is_left(); ++rounds, scheduler::yield())
                cross_call::synchronise_contexts();
            over.store(true);
        }
        while (!over.load()) {
            (void)sleep_for(20'000, Interruptible::no);
            cross_call::synchronise_contexts();
        }
    });
    EXPECT_GT(rounds, 0u);
}

}  // namespace
