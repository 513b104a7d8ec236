#include <gtest/gtest.h>

#include "arch/x86/reloc/relocator.h"
#include "tests/support/one_fixup.h"

// Every type without GOT at the edges of its range, by the psABI's table written down here once more.

namespace tenon::arch::x86 {
namespace {

using modlink::FixupError;
using test::OneFixup;

enum class From { zero, place };

struct Case {
    u32 type;
    From from;
    unsigned bytes;
    i64 minimum;
    i64 maximum;
};

constexpr i64 p(unsigned bits)
{
    return i64{1} << bits;
}

const Case cases[] = {
    {2, From::place, 4, -p(31), p(31) - 1},  // PC32
    {4, From::place, 4, -p(31), p(31) - 1},  // PLT32
    {10, From::zero, 4, 0, p(32) - 1},       // 32: zero-extends
    {11, From::zero, 4, -p(31), p(31) - 1},  // 32S: sign-extends
    {12, From::zero, 2, -p(15), p(16) - 1},  // 16
    {13, From::place, 2, -p(15), p(15) - 1}, // PC16
    {14, From::zero, 1, -p(7), p(8) - 1},    // 8
    {15, From::place, 1, -p(7), p(7) - 1},   // PC8
};

OneFixup at(const Case& test, i64 x)
{
    OneFixup fixup(relocator(), test.type);
    const u64 base = test.from == From::zero ? 0 : fixup.place;
    fixup.addend = -4;
    fixup.symbol = base + static_cast<u64>(x) + 4;
    return fixup;
}

TEST(X86Range, InsideIsStored)
{
    for (const Case& test : cases) {
        for (const i64 x : {test.minimum, test.minimum + 1, i64{0}, i64{1}, test.maximum - 1, test.maximum}) {
            OneFixup fixup = at(test, x);
            const auto before = fixup.section;
            ASSERT_EQ(fixup.apply(), FixupError::none) << test.type << " " << x;
            std::array<std::byte, 24> expected = before;
            std::memcpy(expected.data() + fixup.offset, &x, test.bytes);
            EXPECT_EQ(fixup.section, expected) << test.type << " " << x;
        }
    }
}

TEST(X86Range, OutsideIsRefusedAndChangesNothing)
{
    for (const Case& test : cases) {
        for (const i64 x : {test.minimum - 1, test.minimum - p(test.bytes * 8), test.maximum + 1, 2 * test.maximum + 2,
                            INT64_MIN / 2, INT64_MAX / 2}) {
            OneFixup fixup = at(test, x);
            const auto before = fixup.section;
            ASSERT_EQ(fixup.apply(), FixupError::out_of_range) << test.type << " " << x;
            EXPECT_EQ(fixup.section, before);
        }
    }
}

TEST(X86Range, WholeWords)
{
    for (const u32 type : {1u, 24u}) {
        for (const u64 x : {u64{0}, ~u64{0}, u64{1} << 63}) {
            OneFixup fixup(relocator(), type);
            fixup.offset = 3;
            fixup.symbol = x + (type == 24 ? fixup.place : 0);
            ASSERT_EQ(fixup.apply(), FixupError::none);
            EXPECT_EQ(fixup.get<u64>(), x);
        }
    }
}

TEST(X86Range, SizesOfSymbols)
{
    OneFixup wide(relocator(), 33);
    wide.symbol_size = u64{1} << 40;
    wide.addend = 3;
    ASSERT_EQ(wide.apply(), FixupError::none);
    EXPECT_EQ(wide.get<u64>(), (u64{1} << 40) + 3);

    OneFixup narrow(relocator(), 32);
    narrow.symbol_size = UINT32_MAX;
    ASSERT_EQ(narrow.apply(), FixupError::none);
    EXPECT_EQ(narrow.get(), UINT32_MAX);
    narrow.symbol_size = u64{UINT32_MAX} + 1;
    EXPECT_EQ(narrow.apply(), FixupError::out_of_range);
}

TEST(X86Bounds, EveryDescribedTypeStaysInItsSection)
{
    unsigned described = 0;
    for (u32 type = 1; type < 64; ++type) {
        const auto text = relocator().describe(type);
        OneFixup fixup(relocator(), type);
        if (!text) {
            EXPECT_EQ(fixup.apply(), FixupError::unknown_type) << type;
            continue;
        }
        ++described;
        for (const usize offset : {fixup.section.size() - text->width + 1, fixup.section.size(), ~usize{0}}) {
            fixup.offset = offset;
            const auto before = fixup.section;
            EXPECT_EQ(fixup.apply(), FixupError::outside_section) << type << " " << offset;
            EXPECT_EQ(fixup.section, before);
        }
    }
    EXPECT_EQ(described, 18u);
}

}  // namespace
}  // namespace tenon::arch::x86
