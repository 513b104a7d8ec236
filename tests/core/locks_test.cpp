#include <array>

#include <gtest/gtest.h>

#include "kernel/arch.h"
#include "kernel/lib/panic.h"
#include "kernel/thread/scheduler.h"
#include "tests/core/machine/boot.h"
#include "tests/core/threads.h"
#include <tenon/cpu.h>
#include <tenon/sync.h>

using namespace tenon;
using namespace tenon::test;

namespace {

// Plain memory, of which both halves change together.
struct Pair {
    u64 first = 0;
    u64 second = 0;

    void step()
    {
        expect(first == second, "a lock lets in two at once");
        ++first;
        ++second;
    }
};

TEST(Locks, SpinlockOfThreads)
{
    Guarded<Pair> pair;
    std::array<u64, 6> steps{};
    run_threads(steps.size(), [&](unsigned index) {
        for (Time time; time.is_left(); (void)resched_point())
            for (int i = 0; i < 100; ++i, ++steps[index])
                pair.with([](Pair& all) { all.step(); });
    });
    u64 sum = 0;
    for (const u64 count : steps)
        sum += count;
    EXPECT_EQ(pair.with([](const Pair& all) { return all.first; }), sum);
    EXPECT_GT(sum, 0u);
}

// Whoever holds it has interrupts off, so a handler on the same CPU finds it free.
TEST(Locks, SpinlockOfInterruptHandlers)
{
    Guarded<Pair> pair;
    std::atomic<u64> steps{0};
    run_threads(4, [&](unsigned index) {
        for (Time time; time.is_left(); (void)resched_point()) {
            if (index == 0)
                run_on_all_cpus([&] { pair.with([](Pair& all) { all.step(); }); });
            else
                pair.with([](Pair& all) { all.step(); });
            steps.fetch_add(index == 0 ? machine::cpu_count : 1, std::memory_order_relaxed);
        }
    });
    EXPECT_EQ(pair.with([](const Pair& all) { return all.first; }), steps.load());
}

// Taken in all three ways, kept across a sleep now and then, so that it is marked, handed over and found free.
TEST(Locks, Mutex)
{
    Mutex mutex;
    Pair pair;
    std::atomic<u64> steps{0};
    run_threads(6, [&](unsigned index) {
        u64 round = index;
        for (Time time; time.is_left(); ++round) {
            if (round % 3 == 0) {
                mutex.lock();
            } else if (round % 3 == 1) {
                expect(mutex.lock_killable().has_value(), "nobody has sent a signal");
            } else if (!mutex.try_lock()) {
                scheduler::yield();
                continue;
            }
            pair.step();
            steps.fetch_add(1, std::memory_order_relaxed);
            if (round % 7 == 0)
                scheduler::yield();
            expect(mutex.is_held_by_this_thread(), "a mutex that was lost");
            mutex.unlock();
        }
    });
    EXPECT_EQ(pair.first, steps.load());
    EXPECT_GT(steps.load(), 0u);
}

// Who waits makes the holder urgent, whose thread he has never heard of: it has just been made, on another CPU.
TEST(Locks, MutexOfNewThreads)
{
    Mutex mutex;
    Pair pair;
    std::atomic<u64> steps{0};
    const auto step = [&] {
        const LockGuard guard(mutex);
        pair.step();
        steps.fetch_add(1, std::memory_order_relaxed);
        scheduler::yield();
    };
    run_threads(4, [&](unsigned index) {
        for (Time time; time.is_left(); scheduler::yield()) {
            if (index == 0)
                run_threads(3, [&](unsigned) { step(); });
            else
                step();
        }
    });
    EXPECT_EQ(pair.first, steps.load());
}

}  // namespace
