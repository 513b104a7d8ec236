#include <gtest/gtest.h>

#include "arch/arm64/reloc/relocator.h"
#include "tests/support/one_fixup.h"

// The groups of MOVZ, MOVK and MOVN, and the low twelve bits.

namespace tenon::arch::arm64 {
namespace {

using modlink::FixupError;
using test::OneFixup;

constexpr u32 movz = 0xd2800005;
constexpr u32 movn = 0x92800005;
constexpr u32 movk = 0xf2800005;

struct Move {
    u32 type;
    bool relative;
    bool changes;     // between MOVZ and MOVN, by the sign
    unsigned shift;
    i64 minimum;      // INT64_MIN: no check
    i64 maximum;
};

constexpr i64 p(unsigned bits)
{
    return i64{1} << bits;
}

const Move moves[] = {
    {263, false, false, 0, 0, p(16) - 1},       {264, false, false, 0, INT64_MIN, INT64_MAX},
    {265, false, false, 16, 0, p(32) - 1},      {266, false, false, 16, INT64_MIN, INT64_MAX},
    {267, false, false, 32, 0, p(48) - 1},      {268, false, false, 32, INT64_MIN, INT64_MAX},
    {269, false, false, 48, INT64_MIN, INT64_MAX},
    {270, false, true, 0, -p(16), p(16) - 1},   {271, false, true, 16, -p(32), p(32) - 1},
    {272, false, true, 32, -p(48), p(48) - 1},  {287, true, true, 0, -p(16), p(16) - 1},
    {288, true, false, 0, INT64_MIN, INT64_MAX}, {289, true, true, 16, -p(32), p(32) - 1},
    {290, true, false, 16, INT64_MIN, INT64_MAX}, {291, true, true, 32, -p(48), p(48) - 1},
    {292, true, false, 32, INT64_MIN, INT64_MAX}, {293, true, true, 48, INT64_MIN, INT64_MAX},
};

OneFixup at(const Move& move, i64 x, u32 insn)
{
    OneFixup fixup(relocator(), move.type);
    fixup.put(insn);
    fixup.symbol = static_cast<u64>(x) + (move.relative ? fixup.place : 0);
    return fixup;
}

u32 with_imm16(u32 insn, u64 imm)
{
    return insn | static_cast<u32>((imm & 0xffff) << 5);
}

TEST(Arm64Move, Values)
{
    for (const Move& move : moves) {
        for (const i64 x : {i64{0}, i64{0x1234}, i64{0xffff}, i64{0x12345678}, i64{0x123456789abc}, i64{-1}, i64{-2}, i64{-0x10000},
                            i64{-0x10001}, -p(32), p(32), -p(48), p(48) - 1, INT64_MIN + 5, INT64_MAX}) {
            if (x < move.minimum || x > move.maximum)
                continue;
            OneFixup fixup = at(move, x, move.changes ? movz : movk);
            ASSERT_EQ(fixup.apply(), FixupError::none) << move.type << " " << x;
            const u64 bits = static_cast<u64>(x);
            if (!move.changes)
                EXPECT_EQ(fixup.get(), with_imm16(movk, bits >> move.shift)) << move.type << " " << x;
            else if (x >= 0)
                EXPECT_EQ(fixup.get(), with_imm16(movz, bits >> move.shift)) << move.type << " " << x;
            else
                EXPECT_EQ(fixup.get(), with_imm16(movn, ~bits >> move.shift)) << move.type << " " << x;
        }
    }
}

// MOVZ and MOVN swapped was a bug elsewhere: run what the instruction means.
TEST(Arm64Move, TheRegisterGetsTheValue)
{
    for (const i64 x : {i64{0}, i64{1}, i64{0xffff}, i64{-1}, i64{-0x8000}, i64{-0x10000}}) {
        for (const u32 before : {movz, movn}) {
            OneFixup fixup = at({270, false, true, 0, 0, 0}, x, before);
            ASSERT_EQ(fixup.apply(), FixupError::none);
            const u64 imm = (fixup.get() >> 5) & 0xffff;
            const bool negated = ((fixup.get() >> 29) & 3) == 0;
            EXPECT_EQ(static_cast<i64>(negated ? ~imm : imm), x);
        }
    }
}

TEST(Arm64Move, OutsideIsRefused)
{
    for (const Move& move : moves) {
        if (move.minimum == INT64_MIN)
            continue;
        for (const i64 x : {move.minimum - 1, move.maximum + 1, INT64_MIN / 2, INT64_MAX / 2}) {
            OneFixup fixup = at(move, x, movz);
            const auto before = fixup.section;
            EXPECT_EQ(fixup.apply(), FixupError::out_of_range) << move.type << " " << x;
            EXPECT_EQ(fixup.section, before);
        }
        for (const i64 x : {move.minimum, move.maximum})
            EXPECT_EQ(at(move, x, movz).apply(), FixupError::none) << move.type << " " << x;
    }
}

struct Low {
    u32 type;
    unsigned shift;
};

const Low lows[] = {{277, 0}, {278, 0}, {284, 1}, {285, 2}, {286, 3}, {299, 4}};

TEST(Arm64Low12, ScaledByTheAccess)
{
    for (const Low& low : lows) {
        for (const u64 x : {u64{0}, u64{0x10}, u64{0xff0}, u64{0x123456789ab0}, ~u64{0xf}}) {
            OneFixup fixup(relocator(), low.type);
            fixup.put(0x91000021);
            fixup.symbol = x;
            ASSERT_EQ(fixup.apply(), FixupError::none) << low.type;
            EXPECT_EQ(fixup.get(), 0x91000021 | static_cast<u32>(((x & 0xfff) >> low.shift) << 10)) << low.type;
        }
    }
}

TEST(Arm64Low12, MisalignedTargetsAreRefused)
{
    for (const Low& low : lows) {
        for (u64 x = 1; x < 16; ++x) {
            OneFixup fixup(relocator(), low.type);
            fixup.put(0x91000021);
            fixup.symbol = x;
            const bool fits = (x & ((u64{1} << low.shift) - 1)) == 0;
            EXPECT_EQ(fixup.apply(), fits ? FixupError::none : FixupError::misaligned_value) << low.type << " " << x;
            if (!fits) {
                EXPECT_EQ(fixup.get(), 0x91000021u);
            }
        }
    }
}

}  // namespace
}  // namespace tenon::arch::arm64
