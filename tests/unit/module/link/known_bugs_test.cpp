#include <algorithm>
#include <cstring>
#include <map>

#include <gtest/gtest.h>

#include <modlink/modlink.h>

#include "arch/arm64/reloc/relocator.h"
#include "arch/x86/reloc/relocator.h"
#include "kernel/lib/errno.h"
#include "tests/support/object_builder.h"
#include "tests/support/one_fixup.h"

// Mistakes that other module loaders made, one test each.

namespace tenon::modlink {
namespace {

using test::ObjectBuilder;
using test::OneFixup;

constexpr u32 abs64 = 257, prel32 = 261, ldst64 = 286, call26 = 283;

::modlink::Output link(ObjectBuilder& builder, std::optional<u64> everything_is = 0xffff800008001000)
{
    ::modlink::Options options;
    options.resolve = [=](std::string_view) { return everything_is; };
    return ::modlink::link(builder.build(), options);
}

FixupError branch(i64 distance)
{
    OneFixup fixup(arch::arm64::relocator(), call26);
    fixup.put(0x94000000);
    fixup.symbol = fixup.place + static_cast<u64>(distance);
    return fixup.apply();
}

TEST(KnownBugs, SectionIndexOfASymbolIndexesTheTableUnchecked)
{
    for (const u16 section : {u16{6}, u16{0xfeff}, elf::index_reserved, u16{0xff1f}, u16{0xff3f}, u16{0xfff0}, elf::index_extended}) {
        ObjectBuilder builder;
        builder.data(".data", 8);
        builder.symbol({.name = "s", .section = section});
        EXPECT_EQ(link(builder).error, static_cast<int>(Errno::noexec)) << section;
    }
}

TEST(KnownBugs, NameOffsetAtTheEndOfTheStrings)
{
    ObjectBuilder builder;
    builder.data(".data", 8);
    builder.symbol({.name = "s", .section = 1});
    builder.symbols()[1].name = 3;  // "\0s\0" has three bytes
    EXPECT_EQ(link(builder).error, static_cast<int>(Errno::noexec));
}

TEST(KnownBugs, ProgramHeadersOfAnObjectAreUsed)
{
    ObjectBuilder builder;
    builder.data(".data", 8);
    builder.file_header().program_offset = ~u64{0} - 8;
    builder.file_header().program_count = 0xffff;
    builder.file_header().program_entry_size = 0xffff;
    EXPECT_TRUE(link(builder).ok()) << "they mean nothing here";
}

TEST(KnownBugs, BadRelocationsAreSkippedInSilence)
{
    ObjectBuilder symbol;
    symbol.relocation(symbol.data(".data", 8), 0, abs64, 1);
    EXPECT_EQ(link(symbol).error, static_cast<int>(Errno::noexec)) << "symbol index outside the table";

    ObjectBuilder type;
    type.relocation(type.data(".data", 8), 0, 299 + 1024, type.symbol({.name = "s"}));
    EXPECT_EQ(link(type).error, static_cast<int>(Errno::noexec)) << "unknown type";
}

TEST(KnownBugs, OverflowTestOneBitTooWide)
{
    EXPECT_EQ(branch((i64{1} << 27) - 4), FixupError::none);
    EXPECT_EQ(branch(i64{1} << 27), FixupError::out_of_range);
    EXPECT_EQ(branch((i64{1} << 28) - 4), FixupError::out_of_range);
    for (const i64 x : {-(i64{1} << 31) - 1, i64{1} << 32, i64{1} << 33}) {
        OneFixup fixup(arch::arm64::relocator(), prel32);
        fixup.symbol = fixup.place + static_cast<u64>(x);
        EXPECT_EQ(fixup.apply(), FixupError::out_of_range) << x;
    }
}

TEST(KnownBugs, OverflowTestThatNeverFiresForNegatives)
{
    EXPECT_EQ(branch(-(i64{1} << 27)), FixupError::none);
    EXPECT_EQ(branch(-(i64{1} << 27) - 4), FixupError::out_of_range);
    EXPECT_EQ(branch(-(i64{1} << 40)), FixupError::out_of_range);
}

TEST(KnownBugs, X86DisplacementsTruncatedWithoutATest)
{
    for (const u32 type : {2u, 4u}) {
        OneFixup fixup(arch::x86::relocator(), type);
        fixup.symbol = fixup.place + (u64{1} << 31);
        EXPECT_EQ(fixup.apply(), FixupError::out_of_range);
    }
}

// The result was computed and then not stored.
template <typename Put>
void expect_every_type_stores(const Relocator& relocator, u32 first, u32 last, Put put)
{
    for (u32 type = first; type <= last; ++type) {
        const auto text = relocator.describe(type);
        const bool needs_got = text && (text->formula.find('G') != std::string_view::npos);
        if (!text || text->width == 0 || needs_got)
            continue;
        OneFixup fixup(relocator, type);
        put(fixup);
        const bool relative = text->formula.find('P') != std::string_view::npos;
        fixup.symbol = text->formula == "Page(S + A) - Page(P)" ? fixup.place + 0x5000
                       : relative                               ? fixup.place + 0x50
                       : text->minimum == INT64_MIN             ? 0x1234567812345670
                                                                : 0x50;
        fixup.symbol_size = 0x50;
        if (text->name.find("_G1") != std::string_view::npos || text->name.find("_G2") != std::string_view::npos ||
            text->name.find("_G3") != std::string_view::npos)
            continue;  // small values leave these zero; immediate_test.cpp has their values
        const auto before = fixup.section;
        ASSERT_EQ(fixup.apply(), FixupError::none) << text->name;
        EXPECT_NE(fixup.section, before) << text->name;
    }
}

TEST(KnownBugs, ResultComputedButNeverWritten)
{
    expect_every_type_stores(arch::arm64::relocator(), 257, 315, [](OneFixup& fixup) { fixup.put(0); });
    expect_every_type_stores(arch::x86::relocator(), 1, 33, [](OneFixup& fixup) { fixup.put(0); });
}

TEST(KnownBugs, OffsetTestInverted)
{
    OneFixup fixup(arch::arm64::relocator(), prel32);
    fixup.symbol = fixup.place;
    for (const auto& [offset, expected] : std::map<usize, FixupError>{{0, FixupError::none},
                                                                        {fixup.section.size() - 4, FixupError::none},
                                                                        {fixup.section.size() - 3, FixupError::outside_section},
                                                                        {fixup.section.size(), FixupError::outside_section}}) {
        fixup.offset = offset;
        EXPECT_EQ(fixup.apply(), expected) << offset;
    }
}

TEST(KnownBugs, AlignmentOfALoadShiftedAway)
{
    OneFixup fixup(arch::arm64::relocator(), ldst64);
    fixup.put(0xf9400000);
    fixup.symbol = 0x1004;
    EXPECT_EQ(fixup.apply(), FixupError::misaligned_value);
}

TEST(KnownBugs, AddressZeroTakenForUndefined)
{
    ObjectBuilder builder;
    const u32 text = builder.text(".text", 1);
    builder.relocation(text, 0, call26, builder.symbol({.name = "at_zero"}));
    EXPECT_EQ(link(builder, 0).error, static_cast<int>(Errno::noexec)) << "defined, and out of range";
    EXPECT_EQ(link(builder, std::nullopt).error, static_cast<int>(Errno::noent)) << "undefined";
}

TEST(KnownBugs, LocalSymbolChosenForAGlobalReference)
{
    ObjectBuilder builder;
    const u32 data = builder.data(".data", 16);
    const u32 local = builder.symbol({.name = "same", .section = static_cast<u16>(data), .binding = elf::SymbolBinding::local});
    const u32 global = builder.symbol({.name = "same"});
    builder.relocation(data, 0, abs64, local);
    builder.relocation(data, 8, abs64, global);
    const auto output = link(builder, 0x4711);
    ASSERT_TRUE(output.ok());
    u64 words[2];
    std::memcpy(words, output.regions[0].bytes.data(), sizeof(words));
    EXPECT_EQ(words[0], output.regions[0].address);
    EXPECT_EQ(words[1], 0x4711u);
}

TEST(KnownBugs, SizesThatWrapAround)
{
    ObjectBuilder section;
    const u32 data = section.data(".data", 8);
    section.finish();
    section.header(data).offset = ~u64{0} - 3;
    section.header(data).size = 8;
    EXPECT_EQ(link(section).error, static_cast<int>(Errno::noexec));

    ObjectBuilder table;
    table.data(".data", 8);
    table.finish();
    table.file_header().section_offset = ~u64{0} - 63;
    EXPECT_EQ(link(table).error, static_cast<int>(Errno::noexec));
}

// A signature is appended without regard to alignment.
TEST(KnownBugs, OddBytesBehindTheObject)
{
    ObjectBuilder builder;
    builder.data(".data", 8);
    auto file = builder.build();
    file.insert(file.end(), 13, std::byte{'~'});
    EXPECT_TRUE(::modlink::link(file, {}).ok());
}

}  // namespace
}  // namespace tenon::modlink
