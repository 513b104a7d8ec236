#include "tests/differential/explain.h"

#include <array>
#include <cstring>

#include <gtest/gtest.h>

// What the comparison with other linkers lets pass is exactly what it says: one bit more or less is a difference.

namespace tenon::test {
namespace {

constexpr u32 arm64 = 183, x86_64 = 62;
constexpr u64 section_address = 0x10000, got_address = 0x11000;

struct Side {
    std::array<u8, 16> section{};
    std::array<u64, 4> got{};

    PlaceView at(u64 offset) const
    {
        return {std::as_bytes(std::span(section)), section_address, offset, {got_address, std::as_bytes(std::span(got))}};
    }
    void put(u64 offset, u32 word) { std::memcpy(section.data() + offset, &word, sizeof(word)); }
};

// `theirs` is explained, and is not with any one bit of [start, end) flipped.
void expect_exact(u32 machine, u32 type, const Side& ours, Side theirs, u64 offset, const Explanation& expected)
{
    const auto found = explain(machine, type, ours.at(offset), theirs.at(offset));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->reason, expected.reason);
    EXPECT_EQ(found->start, expected.start);
    EXPECT_EQ(found->end, expected.end);
    for (u64 bit = expected.start * 8; bit < expected.end * 8; ++bit) {
        const u8 mask = static_cast<u8>(1 << bit % 8);
        theirs.section[bit / 8] ^= mask;
        EXPECT_FALSE(explain(machine, type, ours.at(offset), theirs.at(offset))) << "bit " << bit;
        theirs.section[bit / 8] ^= mask;
    }
}

TEST(Explain, LoadOfAnotherGotEntryWithTheSameContent)
{
    Side ours{.got = {11, 22, 33, 44}};
    Side theirs{.got = {44, 33, 22, 11}};
    ours.put(4, 0xf9400020);    // LDR x0, [x1]: 11
    theirs.put(4, 0xf9400c20);  // LDR x0, [x1, #24]: 11
    expect_exact(arm64, 312, ours, theirs, 4, {Reason::got_order, 4, 8});
    theirs.got[3] = 12;
    EXPECT_FALSE(explain(arm64, 312, ours.at(4), theirs.at(4)));
}

TEST(Explain, NopForACallOfTheNextInstruction)
{
    Side ours, theirs;
    ours.put(8, 0x94000001);
    theirs.put(8, 0xd503201f);
    expect_exact(arm64, 283, ours, theirs, 8, {Reason::no_op, 8, 12});
    ours.put(8, 0x94000002);
    EXPECT_FALSE(explain(arm64, 283, ours.at(8), theirs.at(8)));
}

TEST(Explain, ImmediateForLea)
{
    Side ours, theirs;
    ours.section = {0x4c, 0x8d, 0x3d, 0xf9, 0x0f, 0, 0};      // lea 0x11000(%rip), %r15
    theirs.section = {0x49, 0xc7, 0xc7, 0x00, 0x10, 1, 0};    // mov $0x11000, %r15
    expect_exact(x86_64, 42, ours, theirs, 3, {Reason::immediate, 0, 7});
}

TEST(Explain, ImmediateForTheLoadOfAWeakSymbol)
{
    Side ours, theirs;
    ours.section = {0x48, 0x8b, 0x05, 0xf9, 0x0f, 0, 0};  // mov 0x11000(%rip), %rax
    theirs.section = {0x48, 0xc7, 0xc0, 0, 0, 0, 0};      // mov $0, %rax
    expect_exact(x86_64, 42, ours, theirs, 3, {Reason::immediate, 0, 7});
    ours.got[0] = 1;
    EXPECT_FALSE(explain(x86_64, 42, ours.at(3), theirs.at(3)));
}

TEST(Explain, LoadThatCountsFromThePageOfTheGot)
{
    Side ours{.got = {11, 22, 33, 44}};
    Side theirs{.got = {44, 33, 22, 11}};
    ours.put(4, 0xf9400020);    // LDR x0, [x1]: 11
    theirs.put(4, 0xf9400c20);  // LDR x0, [x1, #24]: 11
    expect_exact(arm64, 313, ours, theirs, 4, {Reason::got_order, 4, 8});
}

TEST(Explain, JumpToTheNextInstruction)
{
    Side ours, theirs;
    ours.put(8, 0x14000001);
    theirs.put(8, 0xd503201f);
    expect_exact(arm64, 282, ours, theirs, 8, {Reason::no_op, 8, 12});
}

TEST(Explain, MovzForMovn)
{
    Side ours, theirs;
    ours.put(4, 0x92e00007);    // MOVN x7, #0, LSL #48
    theirs.put(4, 0xd2ffffe7);  // MOVZ x7, #0xffff, LSL #48
    expect_exact(arm64, 293, ours, theirs, 4, {Reason::movn, 4, 8});
    EXPECT_FALSE(explain(arm64, 287, ours.at(4), theirs.at(4)));
}

TEST(Explain, AdrpOfTheOtherPageOfAGot)
{
    std::array<u64, 4> got{};
    std::array<u32, 2> ours{0x90000001, 0}, theirs{0xb0000001, 0};  // ADRP x1, . and the next page
    const auto at = [&](const std::array<u32, 2>& section, u64 got_start) {
        return PlaceView{std::as_bytes(std::span(section)), section_address, 0, {got_start, std::as_bytes(std::span(got))}};
    };
    const auto found = explain(arm64, 311, at(ours, 0x10ff0), at(theirs, 0x10ff0));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->reason, Reason::got_order);
    EXPECT_FALSE(explain(arm64, 311, at(ours, 0x10fe0), at(theirs, 0x10fe0))) << "within one page";
    theirs[0] = 0xb0000002;
    EXPECT_FALSE(explain(arm64, 311, at(ours, 0x10ff0), at(theirs, 0x10ff0))) << "another register";
}

TEST(Explain, LeaForAPlainLoad)
{
    Side ours{.got = {0x10200, 0, 0, 0}}, theirs = ours;
    ours.section = {0x4c, 0x8b, 0x3d, 0xf9, 0x0f, 0, 0};    // mov 0x11000(%rip), %r15
    theirs.section = {0x4c, 0x8d, 0x3d, 0xf9, 0x01, 0, 0};  // lea 0x10200(%rip), %r15
    expect_exact(x86_64, 9, ours, theirs, 3, {Reason::direct, 1, 7});
    ours.got[0] = 0x10201;
    EXPECT_FALSE(explain(x86_64, 9, ours.at(3), theirs.at(3)));
}

TEST(Explain, DirectBranchToAWeakSymbol)
{
    Side ours, theirs;
    ours.section = {0x90, 0xff, 0x15, 0xf9, 0x0f, 0, 0};             // call *0x11000(%rip)
    theirs.section = {0x90, 0x67, 0xe8, 0xf9, 0xff, 0xfe, 0xff};     // addr32 call 0
    expect_exact(x86_64, 41, ours, theirs, 3, {Reason::direct, 1, 7});
    ours.section = {0x90, 0xff, 0x25, 0xf9, 0x0f, 0, 0};             // jmp *0x11000(%rip)
    theirs.section = {0x90, 0xe9, 0xfa, 0xff, 0xfe, 0xff, 0x90};     // jmp 0; nop
    expect_exact(x86_64, 41, ours, theirs, 3, {Reason::direct, 1, 7});
    ours.got[0] = 1;
    EXPECT_FALSE(explain(x86_64, 41, ours.at(3), theirs.at(3)));
}

TEST(Explain, ArithmeticOnAnImmediate)
{
    Side ours{.got = {0xffff'ffff'8000'0001, 0, 0, 0}}, theirs = ours;
    ours.section = {0x4c, 0x13, 0x2d, 0xf9, 0x0f, 0, 0};       // adc 0x11000(%rip), %r13
    theirs.section = {0x49, 0x81, 0xd5, 0x01, 0, 0, 0x80};     // adc $0x80000001, %r13
    expect_exact(x86_64, 42, ours, theirs, 3, {Reason::operand, 0, 7});
    EXPECT_TRUE(explain(x86_64, 42, theirs.at(3), ours.at(3)));
    ours.got[0] = 0x8000'0001;
    EXPECT_FALSE(explain(x86_64, 42, ours.at(3), theirs.at(3))) << "not what the immediate extends to";
    ours.section = {0, 0x85, 0x2d, 0xf9, 0x0f, 0, 0};          // test %ebp, 0x11000(%rip)
    theirs.section = {0, 0xf7, 0xc5, 0x01, 0, 0, 0x80};        // test $0x80000001, %ebp
    EXPECT_TRUE(explain(x86_64, 41, ours.at(3), theirs.at(3)));
}

TEST(Explain, EqualPlacesAndOtherTypesAreNotExplained)
{
    Side side{.got = {11, 11, 11, 11}};
    side.put(4, 0xf9400020);
    EXPECT_FALSE(explain(arm64, 312, side.at(4), side.at(4)));
    Side other = side;
    other.put(4, 0xf9400420);
    EXPECT_FALSE(explain(arm64, 286, side.at(4), other.at(4)));
    EXPECT_FALSE(explain(x86_64, 312, side.at(4), other.at(4)));
}

}  // namespace
}  // namespace tenon::test
