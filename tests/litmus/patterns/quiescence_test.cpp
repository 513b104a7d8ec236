#include <gtest/gtest.h>

#include "tests/litmus/model/pattern.h"

using namespace litmus;
using enum litmus::Order;

namespace {

// What module code does with something that another CPU may have taken out of circulation.
void use(Cpu& cpu, Location pointer, Location object)
{
    if (cpu.load(pointer, relaxed) != 0)
        cpu.read(object);
}

// scheduler::pass_quiescent_point() and wait_for_quiescence(): what was unreachable before the wait is used by nobody after it.
TEST(Quiescence, NobodyUsesWhatIsFreed)
{
    Pattern pattern;
    const Location pointer = pattern.location("pointer", 1);
    const Location object = pattern.location("object");
    const Location points = pattern.location("quiescent points");
    pattern.cpu([=](Cpu& cpu) {
        for (Value point = 1; point <= 2; ++point) {
            use(cpu, pointer, object);
            cpu.store(points, point, release);
            cpu.fence(seq_cst);
        }
    });
    pattern.cpu([=](Cpu& cpu) {
        cpu.store(pointer, 0, relaxed);
        cpu.fence(seq_cst);
        if (const Value before = cpu.load(points, acquire); before != 2)  // else it has come to its end
            cpu.wait_until(points, [=](Value now) { return now != before; }, acquire);
        cpu.write(object, 1);
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// A CPU that is seen asleep has done all that it did before, and sees what was changed before it was looked at when it wakes.
TEST(Quiescence, SleepingCpusAreNotWaitedFor)
{
    Pattern pattern;
    const Location pointer = pattern.location("pointer", 1);
    const Location object = pattern.location("object");
    const Location idling = pattern.location("idling");
    pattern.cpu([=](Cpu& cpu) {
        use(cpu, pointer, object);
        cpu.store(idling, 1, release);
        cpu.store(idling, 0, relaxed);
        cpu.fence(seq_cst);
        use(cpu, pointer, object);
    });
    pattern.cpu([=](Cpu& cpu) {
        cpu.store(pointer, 0, relaxed);
        cpu.fence(seq_cst);
        if (cpu.load(idling, acquire) == 1)
            cpu.write(object, 1);
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// arch/arm64/interrupt/lines.cpp: release() returns when no handler runs any more, and none will.
TEST(Quiescence, InterruptHandlersAreGoneAfterRelease)
{
    Pattern pattern;
    const Location handler = pattern.location("handler", 1);
    const Location running = pattern.location("running");
    const Location object = pattern.location("object");
    pattern.cpu([=](Cpu& cpu) {
        cpu.fetch_add(running, 1, seq_cst);
        if (cpu.load(handler, seq_cst) != 0)
            cpu.read(object);
        cpu.fetch_add(running, ~Value{0}, release);
    });
    pattern.cpu([=](Cpu& cpu) {
        cpu.store(handler, 0, seq_cst);
        cpu.wait_until(running, [](Value value) { return value == 0; }, seq_cst);
        cpu.write(object, 1);
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// kernel/thread/cross_call.cpp: every CPU that is asked runs the function, and the caller sees what it did.
TEST(Quiescence, CrossCalls)
{
    Pattern pattern;
    const Location function = pattern.location("function");
    const Location asked = pattern.location("asked");
    const std::array effects{pattern.location("effect on CPU 1"), pattern.location("effect on CPU 2")};
    pattern.cpu([=](Cpu& cpu) {
        for (Value call = 1; call <= 2; ++call) {
            cpu.write(function, call);
            cpu.store(asked, 3, release);
            cpu.wait_until(asked, [](Value left) { return left == 0; }, acquire);
            cpu.require(cpu.read(effects[0]) == call && cpu.read(effects[1]) == call);
        }
    });
    for (unsigned i = 0; i < 2; ++i)
        pattern.cpu([=](Cpu& cpu) {
            for (Value call = 1; call <= 2; ++call) {
                cpu.wait_until(asked, [=](Value left) { return (left >> i & 1) != 0; }, acquire);
                cpu.write(effects[i], cpu.read(function));
                cpu.fetch_and(asked, ~(Value{1} << i), release);
            }
        });
    EXPECT_EQ(pattern.verdict(), "holds");
}

}  // namespace
