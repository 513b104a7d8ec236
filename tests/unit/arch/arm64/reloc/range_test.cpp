#include <gtest/gtest.h>

#include "arch/arm64/reloc/relocator.h"
#include "tests/support/one_fixup.h"

// Every type without GOT at the edges of its range. The numbers are those of AAELF64's tables, written down here once more: a
// mistake in the relocator's own table does not repeat itself.

namespace tenon::arch::arm64 {
namespace {

using modlink::FixupError;
using test::OneFixup;

constexpr u64 page = 4096;

enum class From { zero, place, page_of_place };

// How X is found again in what was stored.
i64 sign_extend(u64 value, unsigned bits)
{
    return static_cast<i64>(value << (64 - bits)) >> (64 - bits);
}

using Decode = i64 (*)(const OneFixup&);
i64 data32(const OneFixup& f) { return f.get<i32>(); }
i64 data16(const OneFixup& f) { return f.get<i16>(); }
i64 branch26(const OneFixup& f) { return sign_extend(f.get() & 0x3ffffff, 26) * 4; }
i64 word19(const OneFixup& f) { return sign_extend((f.get() >> 5) & 0x7ffff, 19) * 4; }
i64 word14(const OneFixup& f) { return sign_extend((f.get() >> 5) & 0x3fff, 14) * 4; }
i64 adr(const OneFixup& f) { return sign_extend((((f.get() >> 5) & 0x7ffff) << 2) | ((f.get() >> 29) & 3), 21); }
i64 adrp(const OneFixup& f) { return adr(f) * static_cast<i64>(page); }

struct Case {
    u32 type;
    From from;
    i64 minimum;
    i64 maximum;  // the largest multiple of `step` that is allowed
    i64 step;
    u32 insn;
    Decode decode;
    unsigned bits;  // of the field, for the comparison
};

constexpr i64 p(unsigned bits)
{
    return i64{1} << bits;
}

const Case cases[] = {
    {258, From::zero, -p(31), p(32) - 1, 1, 0, data32, 32},
    {259, From::zero, -p(15), p(16) - 1, 1, 0, data16, 16},
    {261, From::place, -p(31), p(32) - 1, 1, 0, data32, 32},
    {262, From::place, -p(15), p(16) - 1, 1, 0, data16, 16},
    {314, From::place, -p(31), p(31) - 1, 1, 0, data32, 32},
    {273, From::place, -p(20), p(20) - 4, 4, 0x58000001, word19, 21},
    {274, From::place, -p(20), p(20) - 1, 1, 0x10000001, adr, 21},
    {275, From::page_of_place, -p(32), p(32) - p(12), p(12), 0x90000001, adrp, 33},
    {279, From::place, -p(15), p(15) - 4, 4, 0x36000001, word14, 16},
    {280, From::place, -p(20), p(20) - 4, 4, 0x54000001, word19, 21},
    {282, From::place, -p(27), p(27) - 4, 4, 0x14000000, branch26, 28},
    {283, From::place, -p(27), p(27) - 4, 4, 0x94000000, branch26, 28},
};

OneFixup at(const Case& test, i64 x)
{
    OneFixup fixup(relocator(), test.type);
    fixup.put(test.insn);
    const u64 base = test.from == From::zero ? 0 : fixup.place;
    fixup.addend = 24;
    fixup.symbol = base + static_cast<u64>(x) - 24;
    return fixup;
}

u64 low_bits(i64 value, unsigned bits)
{
    return bits == 64 ? static_cast<u64>(value) : static_cast<u64>(value) & ((u64{1} << bits) - 1);
}

TEST(Arm64Range, InsideIsStored)
{
    for (const Case& test : cases) {
        for (const i64 x : {test.minimum, test.minimum + test.step, -test.step, i64{0}, test.step, test.maximum - test.step,
                            test.maximum}) {
            OneFixup fixup = at(test, x);
            ASSERT_EQ(fixup.apply(), FixupError::none) << test.type << " " << x;
            EXPECT_EQ(low_bits(test.decode(fixup), test.bits), low_bits(x, test.bits)) << test.type << " " << x;
        }
    }
}

TEST(Arm64Range, OutsideIsRefusedAndChangesNothing)
{
    for (const Case& test : cases) {
        for (const i64 x : {test.minimum - test.step, test.minimum * 2, test.maximum + test.step, test.maximum * 2 + test.step,
                            INT64_MIN / 2 / test.step * test.step, INT64_MAX / 2 / test.step * test.step}) {
            OneFixup fixup = at(test, x);
            const auto before = fixup.section;
            ASSERT_EQ(fixup.apply(), FixupError::out_of_range) << test.type << " " << x;
            EXPECT_EQ(fixup.value, x);
            EXPECT_EQ(fixup.section, before) << test.type << " " << x;
        }
    }
}

TEST(Arm64Range, BitsThatTheFieldCannotHoldAreRefused)
{
    for (const Case& test : cases) {
        if (test.step == 1 || test.from == From::page_of_place)
            continue;
        for (i64 x = 1; x < test.step; ++x) {
            OneFixup fixup = at(test, x);
            const auto before = fixup.section;
            EXPECT_EQ(fixup.apply(), FixupError::misaligned_value) << test.type << " " << x;
            EXPECT_EQ(fixup.section, before);
        }
    }
}

TEST(Arm64Range, OtherBitsOfTheInstructionStay)
{
    for (const Case& test : cases) {
        if (test.insn == 0)
            continue;
        OneFixup ones = at(test, test.maximum);
        ones.put(~0u);
        ASSERT_EQ(ones.apply(), FixupError::none);
        OneFixup zeros = at(test, test.maximum);
        zeros.put(0);
        ASSERT_EQ(zeros.apply(), FixupError::none);
        const u32 field = ~(ones.get() ^ zeros.get());
        EXPECT_EQ(ones.get() | field, ~0u) << test.type;
        EXPECT_EQ(zeros.get() & ~field, 0u) << test.type;
    }
}

TEST(Arm64Range, WholeWords)
{
    for (const u32 type : {257u, 260u}) {
        for (const u64 x : {u64{0}, ~u64{0}, u64{1} << 63, u64{0x1234567890abcdef}}) {
            OneFixup fixup(relocator(), type);
            fixup.symbol = x + (type == 260 ? fixup.place : 0);
            ASSERT_EQ(fixup.apply(), FixupError::none);
            EXPECT_EQ(fixup.get<u64>(), x);
        }
    }
}

TEST(Arm64Range, UncheckedPage)
{
    OneFixup fixup(relocator(), 276);
    fixup.put(0x90000001);
    fixup.symbol = fixup.place + (u64{1} << 33) + (u64{5} << 12);
    ASSERT_EQ(fixup.apply(), FixupError::none);
    EXPECT_EQ(adrp(fixup), i64{5} << 12);
}

TEST(Arm64Range, PageCountsFromThePageOfThePlace)
{
    OneFixup fixup(relocator(), 275);
    fixup.put(0x90000001);
    fixup.place += 0xff4;
    fixup.symbol = fixup.place + 0xc;
    ASSERT_EQ(fixup.apply(), FixupError::none);
    EXPECT_EQ(adrp(fixup), i64{4096});
}

TEST(Arm64Range, InstructionsMustBeAligned)
{
    for (const Case& test : cases) {
        if (test.insn == 0)
            continue;
        OneFixup fixup = at(test, 0);
        fixup.offset += 2;
        const auto before = fixup.section;
        EXPECT_EQ(fixup.apply(), FixupError::misaligned_place) << test.type;
        EXPECT_EQ(fixup.section, before);
    }
}

TEST(Arm64Range, DataNeedNotBeAligned)
{
    OneFixup fixup(relocator(), 257);
    fixup.offset = 3;
    fixup.symbol = 0x1122334455667788;
    ASSERT_EQ(fixup.apply(), FixupError::none);
    EXPECT_EQ(fixup.get<u64>(), 0x1122334455667788u);
}

}  // namespace
}  // namespace tenon::arch::arm64
