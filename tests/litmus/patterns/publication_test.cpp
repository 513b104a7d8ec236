#include <gtest/gtest.h>

#include "tests/litmus/patterns/locks.h"

using namespace litmus;
using enum litmus::Order;

namespace {

// An object is made, then a pointer to it is stored where others look: the console, a receiver of characters, the resolver of module
// symbols, the children of a directory of /proc.
TEST(Publication, Pointer)
{
    Pattern pattern;
    const Location object = pattern.location("object");
    const Location pointer = pattern.location("pointer");
    pattern.cpu([=](Cpu& cpu) {
        cpu.write(object, 1);
        cpu.store(pointer, 1, release);
    });
    for (int i = 0; i < 2; ++i)
        pattern.cpu([=](Cpu& cpu) {
            if (cpu.load(pointer, acquire) != 0)
                cpu.require(cpu.read(object) == 1);
        });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// A table that only grows: its length publishes the entries (kernel/mm/ledger.cpp).
TEST(Publication, GrowingTable)
{
    Pattern pattern;
    const Location entry = pattern.location("entry");
    const Location length = pattern.location("length");
    const Location account = pattern.location("account");
    pattern.cpu([=](Cpu& cpu) {
        cpu.write(account, 1);
        cpu.store(entry, 1, relaxed);
        cpu.store(length, 1, release);
    });
    pattern.cpu([=](Cpu& cpu) {
        if (cpu.load(length, acquire) == 1) {
            cpu.require(cpu.load(entry, relaxed) == 1);
            cpu.require(cpu.read(account) == 1);
        }
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// A count of those who are still at work: who sees it at zero sees everything that they did (kernel/proc/memory_pressure.cpp).
TEST(Publication, LastOneOut)
{
    Pattern pattern;
    const Location count = pattern.location("count", 2);
    const Location first = pattern.location("first");
    const Location second = pattern.location("second");
    for (const Location place : {first, second})
        pattern.cpu([=](Cpu& cpu) {
            cpu.write(place, 1);
            cpu.fetch_add(count, ~Value{0}, release);
        });
    pattern.cpu([=](Cpu& cpu) {
        cpu.wait_until(count, [](Value value) { return value == 0; }, acquire);
        cpu.require(cpu.read(first) == 1 && cpu.read(second) == 1);
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// arch/arm64/smp: a CPU begins only if nobody has given it up, and is found running with all that it has set up.
TEST(Publication, ArrivalOfACpu)
{
    Pattern pattern;
    constexpr Value awaited = 0, begun = 1, running = 2, given_up = 3;
    const Location arrival = pattern.location("arrival", awaited);
    const Location queue = pattern.location("run queue");
    pattern.cpu([=](Cpu& cpu) {
        Value expected = awaited;
        if (!cpu.compare_exchange(arrival, expected, begun, relaxed))
            return;
        cpu.write(queue, 1);
        cpu.store(arrival, running, release);
    });
    pattern.cpu([=](Cpu& cpu) {
        if (cpu.load(arrival, acquire) == running)
            return cpu.require(cpu.read(queue) == 1);
        Value expected = awaited;
        if (cpu.compare_exchange(arrival, expected, given_up, relaxed))
            cpu.write(queue, 2);  // for the next one
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// kernel/log/console.cpp: one CPU prints, the others leave their records to it; none is left behind. The ring's lock orders a record
// that is read too early before it is appended, and so before its appender's `unprinted`.
TEST(Publication, RecordsLeftToThePrinter)
{
    Pattern pattern;
    const Location lock = pattern.location("ring lock");
    const Location records = pattern.location("records");
    const Location unprinted = pattern.location("unprinted");
    const Location printing = pattern.location("printing");
    const Location printed = pattern.location("printed");
    for (int i = 0; i < 2; ++i)
        pattern.cpu([=](Cpu& cpu) {
            with_spinlock(cpu, lock, [&] { cpu.write(records, cpu.read(records) + 1); });
            cpu.store(unprinted, 1, seq_cst);
            while (cpu.load(unprinted, seq_cst) != 0) {
                Value nobody = 0;
                if (!cpu.compare_exchange(printing, nobody, 1, acquire, seq_cst))
                    break;
                cpu.exchange(unprinted, 0, relaxed);
                Value found = 0;
                with_spinlock(cpu, lock, [&] { found = cpu.read(records); });
                cpu.write(printed, found);
                cpu.store(printing, 0, seq_cst);
            }
        });
    pattern.finally([=](const std::vector<Value>& last) { return last[printed] == 2; });
    EXPECT_EQ(pattern.verdict(), "holds");
}

}  // namespace
