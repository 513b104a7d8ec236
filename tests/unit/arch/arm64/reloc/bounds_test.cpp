#include <gtest/gtest.h>

#include "arch/arm64/reloc/relocator.h"
#include "tests/support/one_fixup.h"

// What is checked for every type alike: type, symbol index, place; and undefined weak symbols.

namespace tenon::arch::arm64 {
namespace {

using modlink::BindingKind;
using modlink::FixupError;
using test::OneFixup;

constexpr u32 first_type = 257;
constexpr u32 last_type = 315;

TEST(Arm64Bounds, UnknownTypesAreRefused)
{
    for (const u32 type : {1u, 255u, 281u, 294u, 316u, 512u, 1024u, 1032u, 256u + 512u, 283u + 512u, 0xffffffffu}) {
        OneFixup fixup(relocator(), type);
        const auto before = fixup.section;
        EXPECT_EQ(fixup.apply(), FixupError::unknown_type) << type;
        EXPECT_EQ(fixup.section, before);
        EXPECT_FALSE(relocator().describe(type)) << type;
    }
}

TEST(Arm64Bounds, NoneDoesNothing)
{
    for (const u32 type : {0u, 256u}) {
        OneFixup fixup(relocator(), type);
        fixup.offset = fixup.section.size();
        const auto before = fixup.section;
        EXPECT_EQ(fixup.apply(), FixupError::none);
        EXPECT_EQ(fixup.section, before);
    }
}

TEST(Arm64Bounds, EveryDescribedTypeStaysInItsSection)
{
    unsigned described = 0;
    for (u32 type = first_type; type <= last_type; ++type) {
        const auto text = relocator().describe(type);
        if (!text)
            continue;
        ++described;
        OneFixup fixup(relocator(), type);
        for (const usize offset : {fixup.section.size() - text->width + 1, fixup.section.size() - 1, fixup.section.size(),
                                   fixup.section.size() + 4, ~usize{0} - 3, ~usize{0}}) {
            fixup.offset = offset;
            const auto before = fixup.section;
            EXPECT_EQ(fixup.apply(), FixupError::outside_section) << type << " " << offset;
            EXPECT_EQ(fixup.section, before);
        }
    }
    EXPECT_EQ(described, 53u);
}

TEST(Arm64Bounds, LastPossiblePlace)
{
    OneFixup fixup(relocator(), 257);
    fixup.offset = fixup.section.size() - 8;
    fixup.symbol = 7;
    EXPECT_EQ(fixup.apply(), FixupError::none);
    EXPECT_EQ(fixup.get<u64>(), 7u);
    fixup.offset = 0;
    EXPECT_EQ(fixup.apply(), FixupError::none);
}

TEST(Arm64Bounds, SymbolIndexOutsideTheTable)
{
    alignas(8) std::array<std::byte, 8> section{};
    const std::array<u64, 2> values{};
    const std::array<modlink::BindingKind, 2> kinds{};
    const std::array<elf::Symbol, 2> symbols{};
    for (const u32 symbol : {2u, 3u, 0xffffffffu}) {
        const elf::Rela entry{0, (u64{symbol} << 32) | 257, 0};
        modlink::CellPool cells;
        const auto refusal = relocator().apply(
            {.entries = {&entry, 1}, .values = values, .kinds = kinds, .symbols = symbols, .place = 0, .bytes = section}, cells);
        ASSERT_TRUE(refusal);
        EXPECT_EQ(refusal->error, FixupError::bad_symbol);
    }
}

TEST(Arm64Bounds, SymbolOfASectionThatIsNotLoaded)
{
    OneFixup fixup(relocator(), 257);
    fixup.kind = BindingKind::absent;
    EXPECT_EQ(fixup.apply(), FixupError::absent_symbol);
    EXPECT_EQ(fixup.value, 0) << "no value is at fault";
}

TEST(Arm64UndefinedWeak, MeaningPerKind)
{
    const auto value = [](u32 type, u32 insn) {
        OneFixup fixup(relocator(), type);
        fixup.kind = BindingKind::undefined_weak;
        fixup.put(insn);
        EXPECT_EQ(fixup.apply(), FixupError::none) << type;
        return fixup.get();
    };
    EXPECT_EQ(value(257, 0xdead), 0u);               // absolute: 0
    EXPECT_EQ(value(261, 0xdead), 0u);               // relative: the place
    EXPECT_EQ(value(283, 0x94000000), 0x94000001u);  // BL: the next instruction
    EXPECT_EQ(value(282, 0x14000000), 0x14000001u);  // B
    EXPECT_EQ(value(280, 0x54000000), 0x54000020u);  // B.EQ
    EXPECT_EQ(value(279, 0x36000000), 0x36000020u);  // TBZ
    EXPECT_EQ(value(274, 0x10000000), 0x10000000u);  // ADR: the place
    EXPECT_EQ(value(275, 0x90000000), 0x90000000u);  // ADRP: its page
    EXPECT_EQ(value(277, 0x91000000), 0x91000000u);  // ADD: 0
    EXPECT_EQ(value(263, 0xd2800000), 0xd2800000u);  // MOVZ: 0
}

}  // namespace
}  // namespace tenon::arch::arm64
