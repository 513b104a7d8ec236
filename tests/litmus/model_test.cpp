// The model against what is known of C++: each classical shape with the weakest orders that forbid its weak outcome, and the next
// weaker ones that permit it (Pattern::verdict tries those).

#include <gtest/gtest.h>

#include "tests/litmus/model/pattern.h"

using namespace litmus;
using enum litmus::Order;

namespace {

bool is_set(Value value)
{
    return value != 0;
}

TEST(Model, MessagePassing)
{
    Pattern pattern;
    const Location data = pattern.location("data");
    const Location flag = pattern.location("flag");
    pattern.cpu([=](Cpu& cpu) {
        cpu.write(data, 1);
        cpu.store(flag, 1, release);
    });
    pattern.cpu([=](Cpu& cpu) {
        if (cpu.load(flag, acquire) == 1)
            cpu.require(cpu.read(data) == 1);
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

TEST(Model, MessagePassingByFences)
{
    Pattern pattern;
    const Location data = pattern.location("data");
    const Location flag = pattern.location("flag");
    pattern.cpu([=](Cpu& cpu) {
        cpu.store(data, 1, relaxed);
        cpu.fence(release);
        cpu.store(flag, 1, relaxed);
    });
    pattern.cpu([=](Cpu& cpu) {
        if (cpu.load(flag, relaxed) == 1) {
            cpu.fence(acquire);
            cpu.require(cpu.load(data, relaxed) == 1);
        }
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

void add_store_buffering(Pattern& pattern, Order order, bool fences)
{
    const Location x = pattern.location("x");
    const Location y = pattern.location("y");
    const Location seen_x = pattern.location("seen x");
    const Location seen_y = pattern.location("seen y");
    const auto side = [=](Location mine, Location other, Location seen) {
        return [=](Cpu& cpu) {
            cpu.store(mine, 1, order);
            if (fences)
                cpu.fence(seq_cst);
            cpu.write(seen, cpu.load(other, order));
        };
    };
    pattern.cpu(side(x, y, seen_y));
    pattern.cpu(side(y, x, seen_x));
    pattern.finally([=](const std::vector<Value>& last) { return last[seen_x] != 0 || last[seen_y] != 0; });
}

TEST(Model, StoreBufferingNeedsSequentialConsistency)
{
    Pattern consistent, relaxed_only, fenced;
    add_store_buffering(consistent, seq_cst, false);
    add_store_buffering(relaxed_only, relaxed, false);
    add_store_buffering(fenced, relaxed, true);
    EXPECT_EQ(consistent.verdict(), "holds");
    EXPECT_EQ(fenced.verdict(), "holds");
    EXPECT_TRUE(relaxed_only.explore().violation.has_value());
}

// Sequentially consistent accesses do not order the relaxed ones around them; the fence does.
TEST(Model, StoreBufferingWithAnUpdateOnOneSide)
{
    for (const bool fence : {false, true}) {
        Pattern pattern;
        const Location x = pattern.location("x");
        const Location y = pattern.location("y");
        const Location seen_x = pattern.location("seen x");
        const Location seen_y = pattern.location("seen y");
        pattern.cpu([=](Cpu& cpu) {
            cpu.fetch_add(x, 1, seq_cst);
            if (fence)
                cpu.fence(seq_cst);
            cpu.write(seen_y, cpu.load(y, relaxed));
        });
        pattern.cpu([=](Cpu& cpu) {
            cpu.store(y, 1, relaxed);
            cpu.fence(seq_cst);
            cpu.write(seen_x, cpu.load(x, relaxed));
        });
        pattern.finally([=](const std::vector<Value>& last) { return last[seen_x] != 0 || last[seen_y] != 0; });
        EXPECT_EQ(pattern.explore().violation.has_value(), !fence);
    }
}

TEST(Model, ValuesDoNotComeOutOfThinAir)
{
    Pattern pattern;
    const Location x = pattern.location("x");
    const Location y = pattern.location("y");
    for (const auto& [from, to] : {std::pair(x, y), std::pair(y, x)})
        pattern.cpu([=](Cpu& cpu) { cpu.store(to, cpu.load(from, relaxed), relaxed); });
    pattern.finally([](const std::vector<Value>& last) { return last[0] == 0 && last[1] == 0; });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// A later value is not followed by an earlier one.
TEST(Model, ReadsOfOnePlaceAreCoherent)
{
    Pattern pattern;
    const Location x = pattern.location("x");
    pattern.cpu([=](Cpu& cpu) {
        cpu.store(x, 1, relaxed);
        cpu.store(x, 2, relaxed);
    });
    pattern.cpu([=](Cpu& cpu) {
        const Value first = cpu.load(x, relaxed);
        cpu.require(cpu.load(x, relaxed) >= first);
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

void add_independent_reads(Pattern& pattern, Order loads)
{
    const Location x = pattern.location("x");
    const Location y = pattern.location("y");
    const Location x_first = pattern.location("x first");
    const Location y_first = pattern.location("y first");
    for (const Location place : {x, y})
        pattern.cpu([=](Cpu& cpu) { cpu.store(place, 1, seq_cst); });
    const auto reader = [=](Location one, Location other, Location saw) {
        return [=](Cpu& cpu) {
            const Value first = cpu.load(one, loads);
            cpu.write(saw, first == 1 && cpu.load(other, loads) == 0);
        };
    };
    pattern.cpu(reader(x, y, x_first));
    pattern.cpu(reader(y, x, y_first));
    pattern.finally([=](const std::vector<Value>& last) { return last[x_first] == 0 || last[y_first] == 0; });
}

TEST(Model, IndependentReadsOfIndependentWrites)
{
    Pattern consistent, acquiring;
    add_independent_reads(consistent, seq_cst);
    add_independent_reads(acquiring, acquire);
    EXPECT_FALSE(consistent.explore().violation.has_value());
    EXPECT_TRUE(acquiring.explore().violation.has_value());
}

// What is released travels through an update by a third CPU, but not through its store.
TEST(Model, ReleaseSequencesPassThroughUpdates)
{
    for (const bool update : {true, false}) {
        Pattern pattern;
        const Location data = pattern.location("data");
        const Location flag = pattern.location("flag");
        pattern.cpu([=](Cpu& cpu) {
            cpu.write(data, 1);
            cpu.store(flag, 1, release);
        });
        pattern.cpu([=](Cpu& cpu) {
            if (update)
                cpu.fetch_add(flag, 1, relaxed);
            else if (cpu.load(flag, relaxed) == 1)
                cpu.store(flag, 2, relaxed);
        });
        pattern.cpu([=](Cpu& cpu) {
            if (cpu.load(flag, acquire) == 2)
                cpu.require(cpu.read(data) == 1);
        });
        EXPECT_EQ(pattern.explore().violation.has_value(), !update);
    }
}

TEST(Model, UpdatesAreAtomic)
{
    Pattern pattern;
    const Location count = pattern.location("count");
    for (int i = 0; i < 3; ++i)
        pattern.cpu([=](Cpu& cpu) { cpu.fetch_add(count, 1, relaxed); });
    pattern.finally([=](const std::vector<Value>& last) { return last[count] == 3; });
    EXPECT_EQ(pattern.verdict(), "holds");
}

TEST(Model, PlainAccessesRace)
{
    Pattern pattern;
    const Location data = pattern.location("data");
    pattern.cpu([=](Cpu& cpu) { cpu.write(data, 1); });
    pattern.cpu([=](Cpu& cpu) { cpu.read(data); });
    EXPECT_TRUE(pattern.verdict().starts_with("a race"));
}

TEST(Model, WaitingForeverIsAViolation)
{
    Pattern pattern;
    const Location flag = pattern.location("flag");
    pattern.cpu([=](Cpu& cpu) { cpu.wait_until(flag, is_set, relaxed); });
    EXPECT_TRUE(pattern.verdict().starts_with("a CPU waits for ever"));
}

TEST(Model, OrdersThatNobodyNeedsAreNamed)
{
    Pattern pattern;
    const Location count = pattern.location("count");
    for (int i = 0; i < 2; ++i)
        pattern.cpu([=](Cpu& cpu) { cpu.fetch_add(count, 1, release); });
    pattern.finally([=](const std::vector<Value>& last) { return last[count] == 2; });
    EXPECT_NE(pattern.verdict().find("relaxed would do in place of release"), std::string::npos);
}

}  // namespace
