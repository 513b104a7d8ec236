#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "arch/arm64/mm/asid.h"
#include "arch/arm64/mm/tlb.h"
#include "kernel/arch.h"
#include "kernel/lib/panic.h"
#include "kernel/thread/scheduler.h"
#include "tests/core/threads.h"
#include <tenon/sync.h>

using namespace tenon;
using namespace tenon::test;
namespace asid = tenon::arch::asid;

namespace {

constexpr usize identifiers = 256;

// The TLB of a CPU: whose translations it may hold under each identifier (0: nobody's). Used by its own CPU only.
struct Translations {
    std::array<u64, identifiers> space{};
    u64 flushes = 0;
};

std::array<Translations, arch::max_cpus> translations;

}  // namespace

void tenon::arch::tlb::invalidate_all_here()
{
    Translations& own = translations[cpu_index()];
    own.space.fill(0);
    ++own.flushes;
}

namespace {

// More spaces than identifiers, used by all CPUs in turn: no CPU ever uses translations of another space, through many generations.
TEST(Asid, NoCpuUsesAnotherSpacesTranslations)
{
    std::vector<std::atomic<u64>> contexts(3 * identifiers);
    run_threads(4, [&](unsigned index) {
        u64 number = index;
        for (Time time; time.is_left(); (void)resched_point())
            for (int i = 0; i < 100; ++i) {
                number = number * 6364136223846793005 + 1442695040888963407;
                const u64 space = (number >> 33) % contexts.size();
                const u64 interrupts = arch::disable_interrupts();
                const u16 identifier = asid::activate(contexts[space]);
                u64& known = translations[arch::cpu_index()].space[identifier];
                expect(identifier != 0 && (known == 0 || known == space + 1), "a CPU finds translations of another space");
                known = space + 1;
                arch::restore_interrupts(interrupts);
            }
    });
    u64 flushes = 0;
    for (const Translations& cpu : translations)
        flushes += cpu.flushes;
    EXPECT_GT(flushes, 0u);
}

// The spaces that run when a generation ends keep their identifiers, whatever else is begun meanwhile.
TEST(Asid, RunningSpacesKeepTheirIdentifiers)
{
    std::atomic<u64> running{0};
    std::vector<std::atomic<u64>> others(identifiers);
    std::atomic<unsigned> rounds{0};
    std::atomic<bool> is_running{false};
    run_threads(2, [&](unsigned index) {
        while (index == 1 && !is_running.load())
            scheduler::yield();
        const u64 interrupts = arch::disable_interrupts();
        if (index == 0) {
            const u16 own = asid::activate(running);
            is_running.store(true);
            while (rounds.load() < 3 * identifiers) {
                expect(asid::activate(running) == own, "a space that runs has changed its identifier");
                arch::relax();
            }
        } else {
            // On another CPU than the first, whose interrupts are off.
            for (; rounds.load() < 3 * identifiers; rounds.fetch_add(1))
                asid::activate(others[rounds.load() % others.size()]);
        }
        arch::restore_interrupts(interrupts);
    });
    EXPECT_EQ(rounds.load(), 3 * identifiers);
}

}  // namespace
