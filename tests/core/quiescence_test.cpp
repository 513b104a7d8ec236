#include <array>
#include <atomic>

#include <gtest/gtest.h>

#include "kernel/lib/panic.h"
#include "kernel/thread/scheduler.h"
#include "tests/core/machine/cpu.h"
#include "tests/core/threads.h"
#include <tenon/sync.h>
#include <tenon/time.h>

using namespace tenon;
using namespace tenon::test;

namespace {

struct Object {
    u64 use()
    {
        expect(value == 1, "an object that has been taken apart is used");
        return ++uses;
    }

    u64 value = 1;
    u64 uses = 0;
};

// Each reader has an object of its own, so that only removal meets it.
template <usize readers>
class Removal {
public:
    // As a reader does in kernel code. The acquire is for the publication; that the reader is done is known from quiescence alone.
    void use(unsigned reader)
    {
        if (Object* const object = objects_[reader].load(std::memory_order_acquire))
            object->use();
    }
    bool is_over() const { return over_.load(); }

    // Takes the objects out of circulation, waits, takes them apart, and again. How often.
    u64 repeat()
    {
        u64 rounds = 0;
        for (Time time; time.is_left(); ++rounds) {
            for (std::atomic<Object*>& object : objects_)
                object.store(new Object, std::memory_order_release);
            (void)sleep_for(50'000, Interruptible::no);
            std::array<Object*, readers> removed;
            for (usize i = 0; i < readers; ++i)
                removed[i] = objects_[i].exchange(nullptr, std::memory_order_relaxed);
            scheduler::wait_for_quiescence({"removal", "test"});
            for (Object* const object : removed) {
                object->value = 0;
                delete object;
            }
        }
        over_.store(true);
        return rounds;
    }

private:
    std::array<std::atomic<Object*>, readers> objects_{};
    std::atomic<bool> over_{false};
};

// One thread removes, the others call read(removal, index) until it is over.
template <usize readers, typename Read>
u64 remove_from_readers(Read&& read)
{
    Removal<readers> removal;
    u64 rounds = 0;
    run_threads(readers + 1, [&](unsigned index) {
        if (index == readers)
            rounds = removal.repeat();
        else
            while (!removal.is_over())
                read(removal, index);
    });
    return rounds;
}

// Kernel code that leaves its CPU at resched_point() only.
TEST(Quiescence, LongRunningKernelCode)
{
    EXPECT_GT(remove_from_readers<4>([](auto& removal, unsigned index) {
                  removal.use(index);
                  (void)resched_point();
              }), 0u);
}

// Programs: a system call that uses the object, then user code, which an interrupt ends.
TEST(Quiescence, UserCodeIsInterrupted)
{
    EXPECT_GT(remove_from_readers<3>([](auto& removal, unsigned index) {
                  removal.use(index);
                  machine::run_user_code();
              }), 0u);
}

// Readers that keep their CPUs for longer than the remover is content with, and then sleep: it finds the CPUs asleep or on their way there.
TEST(Quiescence, CpusFallAsleepAndWake)
{
    EXPECT_GT(remove_from_readers<3>([](auto& removal, unsigned index) {
                  for (const u64 end = monotonic_now() + 150'000; monotonic_now() < end;)
                      removal.use(index);
                  (void)sleep_for(100'000 * (index + 1), Interruptible::no);
              }), 0u);
}

}  // namespace
