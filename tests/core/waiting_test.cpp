#include <array>

#include <gtest/gtest.h>

#include "kernel/arch.h"
#include "kernel/lib/panic.h"
#include "kernel/thread/scheduler.h"
#include "kernel/thread/thread.h"
#include "tests/core/threads.h"
#include <tenon/sync.h>
#include <tenon/time.h>

using namespace tenon;
using namespace tenon::test;

namespace {

// Two threads hand plain memory back and forth. A wake-up that is lost is the end of both: the program's alarm ends it.
TEST(Waiting, NoWakeUpIsLost)
{
    std::atomic<u64> turns{0};
    std::array<WaitQueue, 2> queues;
    std::atomic<bool> over{false};
    u64 value = 0;
    run_threads(2, [&](unsigned own) {
        for (Time time; !over.load();) {
            const auto is_due = [&] { return over.load() || turns.load(std::memory_order_acquire) % 2 == own; };
            expect(queues[own].wait_until(Interruptible::no, is_due).has_value(), "no signal, no deadline");
            if (over.load())
                break;
            expect(value == turns.load(std::memory_order_relaxed), "an old value");
            ++value;
            if (!time.is_left())
                over.store(true);
            turns.fetch_add(1, std::memory_order_release);
            queues[1 - own].wake_one();
        }
    });
    EXPECT_EQ(value, turns.load());
    EXPECT_GT(value, 0u);
}

// As many wake-ups as there are units, among more sleepers than units.
TEST(Waiting, EveryUnitFindsItsSleeper)
{
    WaitQueue queue;
    Guarded<u64> units(0);
    const auto take = [&] { return units.with([](u64& count) { return count != 0 && (--count, true); }); };
    const auto give = [&] {
        units.with([](u64& count) { ++count; });
        queue.wake_one();
    };
    std::atomic<u64> taken{0};
    give();
    give();
    run_threads(5, [&](unsigned) {
        for (Time time; time.is_left();) {
            expect(queue.wait_until(Interruptible::no, take).has_value(), "no signal, no deadline");
            taken.fetch_add(1, std::memory_order_relaxed);
            give();
        }
    });
    EXPECT_EQ(units.with([](u64 count) { return count; }), 2u);
    EXPECT_GT(taken.load(), 0u);
}

// The sender's steps are those of kernel/proc/signal.cpp: what the signal says, then the mark, then the wake-up.
TEST(Waiting, SignalsEndKillableWaits)
{
    WaitQueue queue;
    u64 reason = 0;
    std::atomic<Thread*> victim{nullptr};
    std::atomic<u64> rounds{0};
    std::atomic<bool> over{false};
    run_threads(2, [&](unsigned index) {
        if (index == 0) {
            Thread& self = arch::current_thread();
            victim.store(&self);
            for (u64 round = 0; !over.load(); ++round) {
                const auto result = queue.wait_until(Interruptible::killable, [] { return false; });
                expect(!result && result.error() == Errno::intr, "a wait whose condition never holds came back");
                expect(reason == round, "a signal without its reason");
                self.fatal_signal_pending.store(false);
                rounds.store(round + 1, std::memory_order_release);
            }
            return;
        }
        while (victim.load() == nullptr)
            scheduler::yield();
        Time time;
        for (u64 round = 0; !over.load(); ++round) {
            reason = round;
            if (!time.is_left())
                over.store(true);
            victim.load()->fatal_signal_pending.store(true);
            scheduler::wake(*victim.load());
            while (rounds.load(std::memory_order_acquire) == round)
                scheduler::yield();
        }
    });
    EXPECT_GT(rounds.load(), 0u);
}

// Who finds it complete may delete it at once.
TEST(Waiting, CompletionOnTheStackOfItsWaiter)
{
    struct Event {
        Completion completion;
        u64 result = 0;
    };
    std::atomic<Event*> posted{nullptr};
    std::atomic<bool> over{false};
    u64 rounds = 0;
    run_threads(2, [&](unsigned index) {
        if (index == 0) {
            for (Time time; time.is_left(); ++rounds) {
                Event event;
                posted.store(&event, std::memory_order_release);
                expect(event.completion.wait(Interruptible::no).has_value(), "no signal, no deadline");
                expect(event.result == 7, "complete without its result");
            }
            over.store(true);
            return;
        }
        while (!over.load()) {
            if (Event* const event = posted.exchange(nullptr, std::memory_order_acquire)) {
                event->result = 7;
                event->completion.complete();
            }
            (void)resched_point();
            scheduler::yield();
        }
    });
    EXPECT_GT(rounds, 0u);
}

// The timer on the sleeper's stack expires on the CPU that armed it, while somebody else wakes the thread, which goes on elsewhere.
TEST(Waiting, DeadlinesAndWakeUpsAtOnce)
{
    WaitQueue queue;
    std::atomic<bool> over{false};
    std::array<u64, 4> expired{};
    run_threads(5, [&](unsigned index) {
        if (index == expired.size()) {
            for (Time time; time.is_left();) {
                expect(sleep_for(100'000, Interruptible::no).has_value(), "an uninterruptible sleep was interrupted");
                queue.wake_all();
            }
            over.store(true);
            queue.wake_all();
            return;
        }
        while (!over.load()) {
            const u64 deadline = monotonic_now() + 50'000 * (index + 1);
            const auto result = queue.wait_until_deadline(Interruptible::no, deadline, [&] { return over.load(); });
            if (result)
                continue;
            expect(result.error() == Errno::timedout && monotonic_now() >= deadline, "a deadline before its time");
            ++expired[index];
        }
    });
    for (const u64 count : expired)
        EXPECT_GT(count, 0u);
}

}  // namespace
