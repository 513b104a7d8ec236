#include <array>
#include <memory>

#include <gtest/gtest.h>

#include "kernel/debug/exception_table.h"
#include "kernel/lib/panic.h"
#include "kernel/thread/scheduler.h"
#include "tests/core/exception_entries.h"
#include "tests/core/threads.h"
#include <tenon/sync.h>

using namespace tenon;
using namespace tenon::test;

namespace {

// Faults are looked up on all CPUs while modules bring tables, give up the init part of them, and take them away with their memory.
TEST(ExceptionTable, LookUpsWhileTablesComeAndGo)
{
    std::array<std::atomic<u64>, 2> places{};  // an address to look up
    std::atomic<unsigned> writers{places.size()};
    std::atomic<u64> found{0};
    std::atomic<u64> changes{0};
    run_threads(places.size() + 3, [&](unsigned index) {
        if (index >= places.size()) {
            while (writers.load() != 0) {
                const u64 pc = places[index % places.size()].load(std::memory_order_relaxed);
                if (const auto fixup = exception_table::find(pc)) {
                    expect(*fixup == pc + fixup_distance, "another instruction's fix-up");
                    found.fetch_add(1, std::memory_order_relaxed);
                }
                (void)resched_point();
            }
            return;
        }
        for (Time time; time.is_left() || found.load() == 0; (void)resched_point()) {
            const auto entries = std::make_unique<ExceptionEntries>();
            entries->fill();
            places[index].store(target((*entries)[0].instruction), std::memory_order_relaxed);
            expect(exception_table::add(entries->all()).has_value(), "no memory");
            scheduler::yield();
            exception_table::replace(entries->all(), entries->all().first(1));
            entries->spoil_from(1);
            exception_table::replace(entries->all().first(1), {});
            entries->spoil_from(0);
            changes.fetch_add(1, std::memory_order_relaxed);
        }
        writers.fetch_sub(1);
    });
    EXPECT_GT(changes.load(), 0u);
    EXPECT_GT(found.load(), 0u);
}

}  // namespace
