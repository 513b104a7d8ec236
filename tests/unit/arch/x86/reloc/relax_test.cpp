#include "arch/x86/reloc/relax.h"

#include <set>

#include <gtest/gtest.h>

namespace tenon::arch::x86 {
namespace {

constexpr u64 place = 0x40001000;
constexpr u64 near = 0x40002000;                  // reachable, and fits 32 bits
constexpr u64 far_positive = u64{1} << 40;        // neither
constexpr u64 top = 0xffff'ffff'8000'0000;        // fits sign-extended only
constexpr u32 displacement = static_cast<u32>(near - 4 - place);

constexpr bool is(const std::optional<Relaxed>& got, u8 prefix, u8 opcode, u8 modrm, u32 field)
{
    return got && got->prefix == prefix && got->opcode == opcode && got->modrm == modrm && got->field == field;
}

TEST(Relax, MovBecomesLea)
{
    EXPECT_TRUE(is(relax({0x48, 0x8b, 0x05, Rex::yes}, near, place), 0x48, 0x8d, 0x05, displacement));
    EXPECT_TRUE(is(relax({0x4c, 0x8b, 0x3d, Rex::yes}, near, place), 0x4c, 0x8d, 0x3d, displacement));
    EXPECT_TRUE(is(relax({0, 0x8b, 0x0d, Rex::no}, near, place), 0, 0x8d, 0x0d, displacement));
}

TEST(Relax, MovOutOfReachBecomesAnImmediateOrStays)
{
    // mov r15 -> the register moves to rm, REX.R to REX.B
    EXPECT_TRUE(is(relax({0x4c, 0x8b, 0x3d, Rex::yes}, top, place), 0x49, 0xc7, 0xc7, 0x80000000));
    EXPECT_FALSE(relax({0x48, 0x8b, 0x05, Rex::yes}, far_positive, place));
}

TEST(Relax, Branches)
{
    EXPECT_TRUE(is(relax({0, 0xff, 0x15, Rex::no}, near, place), 0, 0x67, 0xe8, displacement));
    const auto jump = relax({0, 0xff, 0x25, Rex::no}, near, place);
    EXPECT_TRUE(is(jump, 0, 0xe9, 0, displacement + 1));
    EXPECT_TRUE(jump->field_early);
    EXPECT_FALSE(relax({0, 0xff, 0x15, Rex::no}, far_positive, place));
    EXPECT_FALSE(relax({0, 0xff, 0x25, Rex::no}, far_positive, place));
    EXPECT_FALSE(relax({0, 0xff, 0x35, Rex::no}, near, place)) << "push";
}

TEST(Relax, TestAndArithmetic)
{
    EXPECT_TRUE(is(relax({0x48, 0x85, 0x0d, Rex::yes}, near, place), 0x48, 0xf7, 0xc1, near));
    const u8 opcodes[] = {0x03, 0x0b, 0x13, 0x1b, 0x23, 0x2b, 0x33, 0x3b};
    for (u8 extension = 0; extension < 8; ++extension)
        EXPECT_TRUE(is(relax({0x48, opcodes[extension], 0x15, Rex::yes}, near, place), 0x48, 0x81,
                       static_cast<u8>(0xc2 | (extension << 3)), near));
    EXPECT_TRUE(is(relax({0x4c, 0x3b, 0x05, Rex::yes}, top, place), 0x49, 0x81, 0xf8, 0x80000000));
    EXPECT_FALSE(relax({0x48, 0x3b, 0x05, Rex::yes}, far_positive, place));
}

TEST(Relax, ImmediatesExtendAsTheInstructionDoes)
{
    const u64 zero_extends = 0x9000'0000;
    EXPECT_FALSE(relax({0x48, 0x3b, 0x05, Rex::yes}, zero_extends, place)) << "64 bits sign-extend";
    EXPECT_TRUE(relax({0, 0x3b, 0x05, Rex::no}, zero_extends, place)) << "32 bits do not";
    EXPECT_FALSE(relax({0, 0x3b, 0x05, Rex::no}, top, place));
    EXPECT_TRUE(relax({0x44, 0x3b, 0x05, Rex::yes}, zero_extends, place)) << "nor with REX but without W";
    EXPECT_FALSE(relax({0x44, 0x3b, 0x05, Rex::yes}, top, place));
    EXPECT_TRUE(relax({0x48, 0x3b, 0x05, Rex::no}, zero_extends, place)) << "what stands before an instruction without REX is none of it";
}

// REX.B extends a register in rm. An operand that is relative to RIP has none, so that B says nothing; the immediate's register, which
// REX.R extended, must not be taken for another one.
TEST(Relax, TheBitOfTheBaseRegisterMeansNothing)
{
    EXPECT_TRUE(is(relax({0x41, 0x3b, 0x05, Rex::yes}, 0x9000'0000, place), 0x40, 0x81, 0xf8, 0x9000'0000)) << "32 bits, register 0";
    EXPECT_FALSE(relax({0x41, 0x3b, 0x05, Rex::yes}, top, place)) << "32 bits";
    EXPECT_TRUE(is(relax({0x45, 0x3b, 0x05, Rex::yes}, near, place), 0x41, 0x81, 0xf8, near)) << "register 8";
    EXPECT_TRUE(is(relax({0x49, 0x3b, 0x05, Rex::yes}, top, place), 0x48, 0x81, 0xf8, 0x80000000)) << "64 bits, register 0";
}

// The address whose displacement from the end of the field is `displacement`.
constexpr u64 at_displacement(i64 distance)
{
    return place + 4 + static_cast<u64>(distance);
}

constexpr i64 lowest = INT32_MIN, highest = INT32_MAX;

TEST(Relax, DisplacementsAtTheEdges)
{
    const GotLoad call{0, 0xff, 0x15, Rex::no};
    const GotLoad lea{0x48, 0x8b, 0x05, Rex::yes};
    for (const i64 distance : {lowest, lowest + 1, highest - 1, highest}) {
        EXPECT_TRUE(is(relax(call, at_displacement(distance), place), 0, 0x67, 0xe8, static_cast<u32>(distance)));
        EXPECT_TRUE(is(relax(lea, at_displacement(distance), place), 0x48, 0x8d, 0x05, static_cast<u32>(distance)));
    }
    for (const i64 distance : {lowest - 1, highest + 1})
        EXPECT_FALSE(relax(call, at_displacement(distance), place)) << distance;
    // The field of the JMP stands one byte earlier: its displacement is one more.
    const GotLoad jump{0, 0xff, 0x25, Rex::no};
    for (const i64 distance : {lowest - 1, lowest, highest - 1})
        EXPECT_TRUE(is(relax(jump, at_displacement(distance), place), 0, 0xe9, 0, static_cast<u32>(distance + 1)));
    for (const i64 distance : {lowest - 2, highest})
        EXPECT_FALSE(relax(jump, at_displacement(distance), place)) << distance;
}

TEST(Relax, ImmediatesAtTheEdges)
{
    const GotLoad wide{0x48, 0x3b, 0x05, Rex::yes};
    for (const i64 value : {lowest, lowest + 1, i64{-1}, i64{0}, highest - 1, highest})
        EXPECT_TRUE(is(relax(wide, static_cast<u64>(value), place), 0x48, 0x81, 0xf8, static_cast<u32>(value))) << value;
    for (const i64 value : {lowest - 1, highest + 1, INT64_MIN, INT64_MAX})
        EXPECT_FALSE(relax(wide, static_cast<u64>(value), place)) << value;
    const GotLoad narrow{0, 0x3b, 0x05, Rex::no};
    for (const u64 value : {u64{0}, u64{1}, u64{UINT32_MAX} - 1, u64{UINT32_MAX}})
        EXPECT_TRUE(is(relax(narrow, value, place), 0, 0x81, 0xf8, static_cast<u32>(value))) << value;
    for (const u64 value : {u64{UINT32_MAX} + 1, ~u64{0}})
        EXPECT_FALSE(relax(narrow, value, place)) << value;
}

TEST(Relax, OtherInstructionsStay)
{
    EXPECT_FALSE(relax({0x48, 0x8b, 0x04, Rex::yes}, near, place)) << "not relative to RIP";
    EXPECT_FALSE(relax({0x48, 0x89, 0x05, Rex::yes}, near, place)) << "a store";
    EXPECT_FALSE(relax({0x48, 0x8d, 0x05, Rex::yes}, near, place)) << "a LEA";
}

// The psABI's list: MOV, TEST and the eight arithmetic operations, each with the operand that is relative to RIP (ModRM 00 reg 101).
TEST(Relax, NoOtherOpcodeAndNoOtherOperand)
{
    const std::set<unsigned> listed{0x8b, 0x85, 0x03, 0x0b, 0x13, 0x1b, 0x23, 0x2b, 0x33, 0x3b};
    for (unsigned opcode = 0; opcode < 256; ++opcode)
        for (unsigned modrm = 0; modrm < 256; ++modrm)
            EXPECT_EQ(relax({0x48, static_cast<u8>(opcode), static_cast<u8>(modrm), Rex::yes}, near, place).has_value(),
                      listed.contains(opcode) && (modrm >> 6) == 0 && (modrm & 7) == 5)
                << std::hex << opcode << " " << modrm;
}

}  // namespace
}  // namespace tenon::arch::x86
