#include <array>
#include <bit>

#include <gtest/gtest.h>

#include "kernel/lib/cpu_set.h"
#include "kernel/lib/panic.h"
#include "kernel/thread/scheduler.h"
#include "kernel/thread/thread.h"
#include "tests/core/machine/boot.h"
#include "tests/core/threads.h"
#include <tenon/sync.h>
#include <tenon/time.h>

using namespace tenon;
using namespace tenon::test;

namespace {

// A thread's stack goes with it: to ThreadSanitizer each CPU that it visits is another thread.
TEST(RunQueues, ThreadsThatMoveThemselves)
{
    std::array<u64, 6> moves{};
    run_threads(moves.size(), [&](unsigned index) {
        u64 on_stack = 0;
        unsigned cpu = index;
        for (Time time; time.is_left(); ++on_stack, ++cpu) {
            scheduler::set_allowed_cpus(arch::current_thread(), set_of_cpu(cpu % machine::cpu_count));
            expect(arch::cpu_index() == cpu % machine::cpu_count, "a thread on a CPU where it must not be");
        }
        moves[index] = on_stack;
    });
    for (const u64 count : moves)
        EXPECT_GT(count, 0u);
}

// They run, are ready, sleep or are on their way when somebody else moves them.
TEST(RunQueues, ThreadsThatOthersMove)
{
    std::array<std::atomic<Thread*>, 4> movable{};
    std::array<u64, 4> steps{};
    std::atomic<bool> over{false};
    std::atomic<unsigned> gone{0};
    run_threads(movable.size() + 1, [&](unsigned index) {
        if (index < movable.size()) {
            movable[index].store(&arch::current_thread());
            for (; !over.load(); ++steps[index]) {
                if (steps[index] % 4 == index)
                    (void)sleep_for(20'000, Interruptible::no);
                scheduler::yield();
                (void)resched_point();
            }
            const bool is_home = arch::cpu_index() == index;
            gone.fetch_add(is_home ? 1 : 100);
            return;
        }
        u64 number = 1;
        for (Time time; time.is_left(); scheduler::yield()) {
            number = number * 6364136223846793005 + 1442695040888963407;
            Thread* const thread = movable[number >> 60 & 3].load();
            const CpuSet some = number >> 40 & set_of_first_cpus(machine::cpu_count);
            if (thread != nullptr && some != 0)
                scheduler::set_allowed_cpus(*thread, some);
        }
        // Who is told to go somewhere is there soon, and stays.
        for (unsigned cpu = 0; cpu < movable.size(); ++cpu) {
            scheduler::set_allowed_cpus(*movable[cpu].load(), set_of_cpu(cpu));
            while (movable[cpu].load()->cpu.load() != cpu)
                scheduler::yield();
        }
        over.store(true);
    });
    EXPECT_EQ(gone.load(), movable.size());
    for (const u64 count : steps)
        EXPECT_GT(count, 0u);
}

// The stack of one that has ended is written to and given back by the CPU that it left, while the others take ready ones from each other.
TEST(RunQueues, ThreadsComeAndGo)
{
    u64 rounds = 0;
    u64 sum = 0;
    for (Time time; time.is_left(); ++rounds) {
        Guarded<u64> ran(0);
        run_threads(8, [&](unsigned index) {
            if (index % 2 != 0)
                scheduler::yield();
            ran.with([](u64& count) { ++count; });
        });
        sum += ran.with([](u64 count) { return count; });
    }
    EXPECT_EQ(sum, rounds * 8);
    EXPECT_GT(rounds, 0u);
}

// Urgency begins and ends for threads that are ready, so that they change lines in their queue.
TEST(RunQueues, OthersBecomeUrgent)
{
    Mutex mutex;
    u64 steps = 0;
    std::atomic<bool> over{false};
    run_threads(8, [&](unsigned index) {
        for (Time time; time.is_left() && !over.load(); (void)resched_point()) {
            const LockGuard guard(mutex);
            ++steps;
            const Urgent urgent;
            scheduler::yield();
        }
        if (index == 0)
            over.store(true);
    });
    EXPECT_GT(steps, 0u);
}

}  // namespace
