#include <set>

#include <gtest/gtest.h>

#include "arch/arm64/reloc/relocator.h"
#include "tests/unit/arch/arm64/reloc/edges.h"

// Every type at the edges of its range: lowest, highest, their neighbours inside and outside, both signs, values that are no multiple, with
// every other bit of the instruction set and clear.

namespace tenon::arch::arm64 {
namespace {

using modlink::FixupError;
using test::OneFixup;

TEST(Arm64Range, NoTypeIsMissing)
{
    std::set<u32> tested{0, 256};  // the two NONE
    for (const Edge& edge : edges())
        EXPECT_TRUE(tested.insert(edge.type).second) << edge.type << " stands twice";
    for (u32 type = 0; type < 2048; ++type)
        EXPECT_EQ(relocator().describe(type).has_value(), tested.contains(type)) << type;
}

// What a message names as the range and the alignment of a type is what the type has.
TEST(Arm64Range, DescriptionsSayWhatIsHeld)
{
    for (const Edge& edge : edges()) {
        const modlink::TypeDescription text = relocator().describe(edge.type).value();
        EXPECT_EQ(text.minimum, edge.checked() ? edge.minimum : INT64_MIN) << edge.type;
        EXPECT_EQ(text.maximum, edge.checked() ? static_cast<u64>(edge.maximum + edge.step - 1) : UINT64_MAX) << edge.type;
        EXPECT_EQ(text.value_alignment, edge.store == Store::adrp ? 1u : static_cast<u32>(edge.step)) << edge.type;
        EXPECT_EQ(text.width, edge.is_data() ? edge.low : 4u) << edge.type;
    }
}

std::vector<i64> inside(const Edge& edge)
{
    const i64 step = edge.step;
    if (edge.checked()) {
        std::vector<i64> values{edge.minimum, edge.minimum + step, 0, step, edge.maximum - step, edge.maximum};
        if (edge.minimum < 0)
            values.push_back(-step);
        return values;
    }
    std::vector<i64> values{0, step, -step, INT64_MIN, INT64_MIN + step, INT64_MAX - (step - 1)};
    for (const unsigned bits : {12, 15, 16, 31, 32, 33, 47, 48, 62})
        for (const i64 value : {i64{1} << bits, -(i64{1} << bits)})
            values.insert(values.end(), {value - step, value, value + step});
    return values;
}

TEST(Arm64Range, InsideIsStored)
{
    for (const Edge& edge : edges())
        for (const i64 x : inside(edge))
            for (const u32 insn : {edge.insn, 0u, ~0u}) {
                EdgeFixup fixup(edge, x, insn);
                const auto expected = fixup.expected();
                ASSERT_EQ(fixup.apply(), FixupError::none) << edge.type << " " << std::hex << x;
                EXPECT_EQ(fixup.section, expected) << edge.type << " " << std::hex << x << " in " << insn;
                if (edge.uses_entry()) {
                    EXPECT_EQ(fixup.entry(), fixup.target()) << edge.type;
                }
            }
}

TEST(Arm64Range, OutsideIsRefusedAndChangesNothing)
{
    for (const Edge& edge : edges()) {
        if (!edge.checked())
            continue;
        for (const i64 x : {edge.minimum - edge.step, edge.minimum * 2 - edge.step, edge.maximum + edge.step, edge.maximum * 2 + edge.step,
                            INT64_MIN / edge.step * edge.step, INT64_MAX / edge.step * edge.step}) {
            EdgeFixup fixup(edge, x, edge.insn);
            const auto before = fixup.section;
            ASSERT_EQ(fixup.apply(), FixupError::out_of_range) << edge.type << " " << std::hex << x;
            EXPECT_EQ(fixup.value, x) << edge.type;
            EXPECT_EQ(fixup.section, before) << edge.type << " " << std::hex << x;
        }
    }
}

TEST(Arm64Range, BitsThatTheFieldCannotHoldAreRefused)
{
    for (const Edge& edge : edges()) {
        for (i64 low = 1; low < edge.step && edge.can_be_misaligned(); ++low)
            for (const i64 x : {low, low - edge.step}) {
                EdgeFixup fixup(edge, x, edge.insn);
                const auto before = fixup.section;
                EXPECT_EQ(fixup.apply(), FixupError::misaligned_value) << edge.type << " " << x;
                EXPECT_EQ(fixup.section, before) << edge.type;
            }
    }
}

TEST(Arm64Range, InstructionsMustBeAlignedAndDataNeedNotBe)
{
    for (const Edge& edge : edges()) {
        for (const usize offset : {1, 2, 3}) {
            EdgeFixup fixup(edge, 0, 0);
            fixup.section.fill(std::byte{0x5a});
            fixup.offset += offset;
            const auto before = fixup.section;
            const auto expected = edge.is_data() ? fixup.expected() : before;
            EXPECT_EQ(fixup.apply(), edge.is_data() ? FixupError::none : FixupError::misaligned_place) << edge.type;
            EXPECT_EQ(fixup.value, 0) << "no value is at fault";
            if (edge.uses_entry() && !edge.is_data()) {
                EXPECT_EQ(fixup.cells->slots_used(), 0u) << "and no entry is taken";
            }
            EXPECT_EQ(fixup.section, expected) << edge.type << " " << offset;
        }
    }
}

// Without an entry reserved for it a reference to the GOT is refused, whatever the value.
TEST(Arm64Range, NoEntryChangesNothing)
{
    for (const Edge& edge : edges()) {
        if (!edge.uses_entry())
            continue;
        EdgeFixup fixup(edge, 0, edge.insn);
        fixup.cells = nullptr;
        const auto before = fixup.section;
        EXPECT_EQ(fixup.apply(), FixupError::no_cell) << edge.type;
        EXPECT_EQ(fixup.value, 0) << "no value is at fault";
        EXPECT_EQ(fixup.section, before) << edge.type;
    }
}

TEST(Arm64Range, PageCountsFromThePageOfThePlace)
{
    OneFixup fixup(relocator(), 275);
    fixup.put(0x90000001);
    fixup.place += 0xff4;
    fixup.symbol = fixup.place + 0xc;
    ASSERT_EQ(fixup.apply(), FixupError::none);
    EXPECT_EQ(fixup.get(), 0xb0000001u) << "one page on";
}

// MOVZ and MOVN swapped was a bug elsewhere: what the instruction means.
TEST(Arm64Range, TheRegisterGetsTheValue)
{
    for (const u32 type : {270u, 287u, 300u}) {
        const auto edge = std::find_if(edges().begin(), edges().end(), [=](const Edge& entry) { return entry.type == type; });
        for (const i64 x : {i64{0}, i64{1}, i64{0xffff}, i64{-1}, i64{-0x8000}, i64{-0x10000}}) {
            for (const u32 before : {0xd2800005u, 0x92800005u}) {
                EdgeFixup fixup(*edge, x, before);
                ASSERT_EQ(fixup.apply(), FixupError::none);
                const u64 imm = (fixup.get() >> 5) & 0xffff;
                const bool negated = ((fixup.get() >> 29) & 3) == 0;
                EXPECT_EQ(static_cast<i64>(negated ? ~imm : imm), x) << type;
            }
        }
    }
}

}  // namespace
}  // namespace tenon::arch::arm64
