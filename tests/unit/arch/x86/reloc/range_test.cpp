#include <set>

#include <gtest/gtest.h>

#include "arch/x86/reloc/relocator.h"
#include "tests/unit/arch/x86/reloc/edges.h"

// Every type at the edges of its range: lowest, highest, their neighbours inside and outside, both signs, at every alignment.

namespace tenon::arch::x86 {
namespace {

using modlink::BindingKind;
using modlink::FixupError;
using test::OneFixup;

TEST(X86Range, NoTypeIsMissing)
{
    std::set<u32> tested{0};  // NONE
    for (const Edge& edge : edges())
        EXPECT_TRUE(tested.insert(edge.type).second) << edge.type << " stands twice";
    for (u32 type = 0; type < 2048; ++type)
        EXPECT_EQ(relocator().describe(type).has_value(), tested.contains(type)) << type;
}

// What a message names as the range of a type is what the type has.
TEST(X86Range, DescriptionsSayWhatIsHeld)
{
    for (const Edge& edge : edges()) {
        const modlink::TypeDescription text = relocator().describe(edge.type).value();
        EXPECT_EQ(text.minimum, edge.checked() ? edge.minimum : INT64_MIN) << edge.type;
        EXPECT_EQ(text.maximum, edge.checked() ? static_cast<u64>(edge.maximum) : UINT64_MAX) << edge.type;
        EXPECT_EQ(text.width, edge.bytes) << edge.type;
        EXPECT_EQ(text.value_alignment, 1u) << edge.type;
    }
}

std::vector<i64> inside(const Edge& edge)
{
    if (!edge.checked())
        return {0, 1, -1, INT64_MIN, INT64_MIN + 1, INT64_MAX, i64{1} << 31, i64{1} << 32, -(i64{1} << 31) - 1};
    std::vector<i64> values{edge.minimum, edge.minimum + 1, 0, 1, edge.maximum - 1, edge.maximum};
    if (edge.minimum < 0)
        values.push_back(-1);
    return values;
}

TEST(X86Range, InsideIsStored)
{
    for (const Edge& edge : edges())
        for (const i64 x : inside(edge))
            for (const usize offset : {8, 9, 10, 11, 15}) {
                EdgeFixup fixup(edge, x);
                fixup.section.fill(std::byte{0x5a});
                fixup.offset = offset;
                const auto expected = fixup.expected();
                ASSERT_EQ(fixup.apply(), FixupError::none) << edge.type << " " << std::hex << x;
                EXPECT_EQ(fixup.section, expected) << edge.type << " " << std::hex << x;
                if (edge.x == X::entry_relative) {
                    EXPECT_EQ(fixup.entry(), fixup.symbol) << edge.type;
                }
            }
}

// Also behind the opcode of a CALL: without a stub there is no way.
TEST(X86Range, OutsideIsRefusedAndChangesNothing)
{
    for (const Edge& edge : edges()) {
        if (!edge.checked())
            continue;
        for (const i64 x : {edge.minimum - 1, edge.minimum - (i64{1} << (edge.bytes * 8)), edge.maximum + 1, 2 * edge.maximum + 2, INT64_MIN,
                            INT64_MAX})
            for (const u8 before_place : {u8{0}, u8{0xe8}}) {
                EdgeFixup fixup(edge, x);
                fixup.section[fixup.offset - 1] = std::byte{before_place};
                const auto before = fixup.section;
                ASSERT_EQ(fixup.apply(), FixupError::out_of_range) << edge.type << " " << std::hex << x;
                EXPECT_EQ(fixup.value, x) << edge.type;
                EXPECT_EQ(fixup.section, before) << edge.type << " " << std::hex << x;
            }
    }
}

// Without an entry reserved for it a reference to the GOT is refused, whatever the value.
TEST(X86Range, NoEntryChangesNothing)
{
    for (const Edge& edge : edges()) {
        if (edge.x != X::entry_relative)
            continue;
        EdgeFixup fixup(edge, 0);
        fixup.cells = nullptr;
        const auto before = fixup.section;
        EXPECT_EQ(fixup.apply(), FixupError::no_cell) << edge.type;
        EXPECT_EQ(fixup.value, 0) << "no value is at fault";
        EXPECT_EQ(fixup.section, before) << edge.type;
    }
}

TEST(X86Bounds, EveryTypeStaysInItsSection)
{
    for (const Edge& edge : edges()) {
        OneFixup fixup(relocator(), edge.type);
        for (const usize offset : {fixup.section.size() - edge.bytes + 1, fixup.section.size(), ~usize{0}}) {
            fixup.offset = offset;
            const auto before = fixup.section;
            EXPECT_EQ(fixup.apply(), FixupError::outside_section) << edge.type << " " << offset;
            EXPECT_EQ(fixup.value, 0) << "no value is at fault";
            EXPECT_EQ(fixup.section, before);
        }
    }
}

// It has no place, so that also the end of the section is one.
TEST(X86Bounds, NoneDoesNothing)
{
    OneFixup fixup(relocator(), 0);
    fixup.offset = fixup.section.size();
    const auto before = fixup.section;
    EXPECT_EQ(fixup.apply(), FixupError::none);
    EXPECT_EQ(fixup.section, before);
    EXPECT_EQ(relocator().describe(0)->width, 0u);
}

TEST(X86Bounds, UnknownTypesAreRefused)
{
    for (const u32 type : {3u, 5u, 6u, 7u, 8u, 16u, 23u, 27u, 34u, 43u, 64u, 1u + 512u, 0xffffffffu}) {
        OneFixup fixup(relocator(), type);
        const auto before = fixup.section;
        EXPECT_EQ(fixup.apply(), FixupError::unknown_type) << type;
        EXPECT_EQ(fixup.section, before) << type;
    }
}

TEST(X86UndefinedWeak, IsZero)
{
    for (const Edge& edge : edges()) {
        if (edge.x != X::absolute && edge.x != X::entry_relative)
            continue;
        EdgeFixup fixup(edge, 0);
        fixup.kind = BindingKind::undefined_weak;
        fixup.symbol = 0;
        fixup.addend = edge.x == X::absolute ? 0 : -4;
        ASSERT_EQ(fixup.apply(), FixupError::none) << edge.type;
        EXPECT_EQ(fixup.get<u8>(), 0u) << edge.type;
        if (edge.x == X::entry_relative) {
            EXPECT_EQ(fixup.entry(), 0u) << edge.type;
        }
    }
}

}  // namespace
}  // namespace tenon::arch::x86
