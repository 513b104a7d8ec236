#include "tests/core/planted.h"

#include <array>
#include <cstring>
#include <memory>

#include "kernel/debug/exception_table.h"
#include "kernel/lib/cpu_set.h"
#include "kernel/thread/run_queue.h"
#include "kernel/thread/scheduler.h"
#include "module/registry/registry.h"
#include "tests/core/exception_entries.h"
#include "tests/core/machine/boot.h"
#include "tests/core/threads.h"
#include <tenon/cpu.h>
#include <tenon/sync.h>
#include <tenon/time.h>

namespace tenon::test {
namespace {

void stay_on(unsigned cpu)
{
    scheduler::set_allowed_cpus(arch::current_thread(), set_of_cpu(cpu));
}

void pause()
{
    (void)sleep_for(200'000, Interruptible::no);
}

// Each body(index, round) on a CPU of its own, again and again, until it is reported.
template <typename Body>
void repeat_on_two_cpus(Body&& body)
{
    run_threads(2, [&](unsigned index) {
        stay_on(1 + index);
        for (u64 round = 0; round < 200; ++round) {
            body(index, round);
            pause();
        }
    });
}

void no_lock()
{
    Spinlock lock;
    u64 value = 0;
    repeat_on_two_cpus([&](unsigned index, u64) {
        if (index == 0)
            lock.lock();
        ++value;
        if (index == 0)
            lock.unlock();
    });
}

void two_mutexes()
{
    std::array<Mutex, 2> mutexes;
    u64 value = 0;
    repeat_on_two_cpus([&](unsigned index, u64) {
        const LockGuard guard(mutexes[index]);
        ++value;
    });
}

// The reader leaves its CPU often enough; the remover does not wait for it.
void no_quiescence()
{
    std::atomic<u64*> published{nullptr};
    std::atomic<u64> sum{0};
    repeat_on_two_cpus([&](unsigned index, u64) {
        if (index == 0) {
            if (const u64* const object = published.load(std::memory_order_acquire))
                sum.fetch_add(*object, std::memory_order_relaxed);
            return;
        }
        if (u64* const object = published.exchange(nullptr, std::memory_order_relaxed)) {
            *object = 0;
            delete object;
        }
        published.store(new u64(1), std::memory_order_release);
    });
}

// As a completion, or a lock, whose release is relaxed.
void relaxed_release()
{
    std::atomic<u64> done{0};
    u64 value = 0;
    repeat_on_two_cpus([&](unsigned index, u64 round) {
        if (index == 0) {
            value = round;
            done.store(round + 1, std::memory_order_relaxed);
        } else {
            while (done.load(std::memory_order_acquire) <= round)
                scheduler::yield();
            expect(value >= round, "the host's processor has reordered");
        }
    });
}

// Correct by the language, but the checker knows nothing of stand-alone fences: nothing is hidden behind them.
void fences_alone()
{
    std::atomic<bool> done{false};
    u64 value = 0;
    repeat_on_two_cpus([&](unsigned index, u64) {
        if (index == 0) {
            value = 1;
            std::atomic_thread_fence(std::memory_order_seq_cst);
            done.store(true, std::memory_order_relaxed);
        } else if (done.load(std::memory_order_relaxed)) {
            std::atomic_thread_fence(std::memory_order_seq_cst);
            expect(value == 1, "the host's processor has reordered");
        }
    });
}

// An interrupt arrives after the store, and hands nothing over by itself.
void interrupt_alone()
{
    u64 value = 0;
    repeat_on_two_cpus([&](unsigned index, u64) {
        ++value;
        arch::send_reschedule(2 - index);
    });
}

void call_that_is_not_waited_for()
{
    u64 value = 0;
    repeat_on_two_cpus([&](unsigned index, u64) {
        if (index == 0)
            run_on_all_cpus([&] {
                if (arch::cpu_index() == 3)
                    ++value;
            });
        else
            ++value;
    });
}

void run_queue_without_its_lock()
{
    repeat_on_two_cpus([](unsigned index, u64) { scheduler::queues[2 - index].floor += 1; });
}

void table_that_is_still_known()
{
    repeat_on_two_cpus([](unsigned index, u64) {
        auto entries = std::make_unique<ExceptionEntries>();
        entries->fill();
        if (index == 1) {
            (void)exception_table::find(1);
            return;
        }
        (void)exception_table::add(entries->all());
        entries->spoil_from(0);
        (void)entries.release();
    });
}

// A reader of a module's memory that finds it live and keeps nothing that would stop its removal.
void module_without_reference()
{
    modreg::Registry registry;
    u64 data = 0;
    std::atomic<u64> sum{0};
    repeat_on_two_cpus([&](unsigned index, u64) {
        elf::FirstReason reason;
        if (index == 1) {
            if (!registry.find("module"))
                return;
            pause();
            sum.fetch_add(data, std::memory_order_relaxed);
            return;
        }
        const auto module = registry.reserve("module", reason);
        data = 1;
        (void)registry.publish(**module, {}, reason);
        registry.set_live(**module);
        pause();
        const auto removed = registry.begin_removal("module", reason);
        registry.withdraw(**removed);
        registry.forget(**removed);
        data = 0;
    });
}

constexpr Planted all[] = {
    {"no lock", no_lock},
    {"two mutexes for one thing", two_mutexes},
    {"no quiescence", no_quiescence},
    {"relaxed release", relaxed_release},
    {"fences alone", fences_alone},
    {"interrupt alone", interrupt_alone},
    {"call that is not waited for", call_that_is_not_waited_for},
    {"run queue without its lock", run_queue_without_its_lock},
    {"table that is still known", table_that_is_still_known},
    {"module without reference", module_without_reference},
};

}  // namespace

std::span<const Planted> planted()
{
    return all;
}

int plant(const char* name)
{
    for (const Planted& mistake : all)
        if (std::strcmp(mistake.name, name) == 0)
            mistake.commit();
    return 0;
}

}  // namespace tenon::test
