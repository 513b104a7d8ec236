#include <gtest/gtest.h>

#include "tests/litmus/model/pattern.h"

using namespace litmus;
using enum litmus::Order;

namespace {

// RefCounted: whoever gives back the last reference destroys the object, after all use of it.
TEST(References, LastOneDestroys)
{
    Pattern pattern;
    const Location count = pattern.location("count", 3);
    const Location object = pattern.location("object");
    for (int i = 0; i < 3; ++i)
        pattern.cpu([=](Cpu& cpu) {
            cpu.read(object);
            if (cpu.fetch_add(count, ~Value{0}, acq_rel) == 1)
                cpu.write(object, 1);
        });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// Module: a reference is had only of a module that is published whole and not yet going; removal begins after the last use.
TEST(References, ModulesInUseAreNotClosed)
{
    Pattern pattern;
    constexpr Value closed = 8;
    const Location references = pattern.location("references", closed);
    const Location module = pattern.location("module");
    pattern.cpu([=](Cpu& cpu) {
        cpu.write(module, 1);
        cpu.store(references, 0, release);
        Value unused = 0;
        if (cpu.compare_exchange(references, unused, closed, acquire))
            cpu.write(module, 2);
    });
    pattern.cpu([=](Cpu& cpu) {
        Value count = cpu.load(references, relaxed);
        if ((count & closed) != 0 || !cpu.compare_exchange(references, count, count + 1, acquire))
            return;
        cpu.require(cpu.read(module) == 1);
        cpu.fetch_add(references, ~Value{0}, release);
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

}  // namespace
