#include <gtest/gtest.h>

#include "tests/litmus/patterns/locks.h"

using namespace litmus;
using enum litmus::Order;

namespace {

TEST(Locks, Spinlock)
{
    Pattern pattern;
    const Location holder = pattern.location("holder");
    const Location data = pattern.location("data");
    for (int i = 0; i < 3; ++i)
        pattern.cpu([=](Cpu& cpu) { with_spinlock(cpu, holder, [&] { cpu.write(data, cpu.read(data) + 1); }); });
    pattern.finally([=](const std::vector<Value>& last) { return last[data] == 3; });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// Slots that are taken and given back in a word of bits (kernel/module/write_window.cpp).
TEST(Locks, BitOfAWord)
{
    Pattern pattern;
    const Location word = pattern.location("word");
    const Location slot = pattern.location("slot");
    for (int i = 0; i < 2; ++i)
        pattern.cpu([=](Cpu& cpu) {
            Value used = 0;
            if (!cpu.compare_exchange(word, used, 1, acquire))
                return;
            cpu.write(slot, cpu.read(slot) + 1);
            cpu.fetch_and(word, ~Value{1}, release);
        });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// Inode::begin_writing() and begin_running(): many on one side or many on the other, never both.
TEST(Locks, WritersOrExecutors)
{
    Pattern pattern;
    const Location writers = pattern.location("writers", 10);  // so that it needs no sign
    const Location text = pattern.location("text");
    pattern.cpu([=](Cpu& cpu) {
        Value now = 10;
        if (cpu.compare_exchange(writers, now, 11, acquire)) {
            cpu.write(text, 1);
            cpu.fetch_add(writers, ~Value{0}, release);
        }
    });
    pattern.cpu([=](Cpu& cpu) {
        Value now = 10;
        if (cpu.compare_exchange(writers, now, 9, acquire)) {
            cpu.read(text);
            cpu.fetch_add(writers, 1, release);
        }
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// module/load/static_guard.cpp: a function-local static is constructed once, and whoever passes the guard sees it whole.
TEST(Locks, StaticGuard)
{
    Pattern pattern;
    const Location done = pattern.location("done");
    const Location state = pattern.location("state");
    const Location object = pattern.location("object");
    for (int i = 0; i < 2; ++i)
        pattern.cpu([=](Cpu& cpu) {
            if (cpu.load(done, acquire) == 0) {
                cpu.wait_until_exchanged(state, 0, 1, acquire);
                if (cpu.load(done, relaxed) == 0) {
                    cpu.write(object, cpu.read(object) + 1);
                    cpu.store(done, 1, release);
                }
                cpu.store(state, 0, release);
            }
            cpu.require(cpu.read(object) == 1);
        });
    EXPECT_EQ(pattern.verdict(), "holds");
}

}  // namespace
