#include <algorithm>
#include <cstring>

#include <gtest/gtest.h>

#include <modlink/modlink.h>
#include "module/elf/pieces.h"
#include "tests/support/object_builder.h"

// Which refusals a link reports, in which words, and what it takes from tables of any length.

namespace tenon::modlink {
namespace {

using test::ObjectBuilder;

constexpr u32 word64 = 257, word32 = 258, movw_uabs_g0 = 263;

::modlink::Options everything_at(u64 address)
{
    ::modlink::Options options;
    options.resolve = [=](std::string_view) { return address; };
    return options;
}

std::vector<std::string> problems(ObjectBuilder& builder, u64 address, bool all = false)
{
    ::modlink::Options options = everything_at(address);
    options.report_all = all;
    return ::modlink::link(builder.build(), options).problems;
}

// A range that begins with 0 has no sign.
TEST(Refusals, NameTheRange)
{
    ObjectBuilder builder;
    builder.relocation(builder.text(".text", 1), 0, movw_uabs_g0, builder.symbol({.name = "x"}));
    EXPECT_EQ(problems(builder, 0x10000).at(0), ".text+0x0: R_AARCH64_MOVW_UABS_G0: value 0x10000 is not in [0x0, 0xffff] (x)");
}

// A section's own symbol has no name but the section's.
TEST(Refusals, NameTheSection)
{
    ObjectBuilder builder;
    const u32 data = builder.data(".data", 8);
    builder.relocation(data, 4, word32, builder.symbol({.name = "", .section = static_cast<u16>(data), .type = elf::SymbolType::section}), i64{1} << 40);
    const std::vector<std::string> found = problems(builder, 0);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_TRUE(found[0].starts_with(".data+0x4: R_AARCH64_ABS32: value ")) << found[0];
    EXPECT_TRUE(found[0].ends_with(" (.data)")) << found[0];
}

TEST(Refusals, TheFirstEndsTheLinkUnlessAllAreAskedFor)
{
    for (const bool all : {false, true}) {
        ObjectBuilder builder;
        const u32 symbol = builder.symbol({.name = "x"});
        for (const std::string_view name : {".data.a", ".data.b", ".data.c"})
            builder.relocation(builder.data(name, 8), 0, word32, symbol);
        const std::vector<std::string> found = problems(builder, u64{1} << 40, all);
        ASSERT_EQ(found.size(), all ? 3u : 1u);
        EXPECT_TRUE(found[0].starts_with(".data.a+0x0: "));
    }
}

// Long tables are dealt with in pieces, each entry once.
TEST(Refusals, OfLongTablesAreReportedOnce)
{
    constexpr usize count = elf::entries_between_pauses * 2 + 3;
    ObjectBuilder builder;
    const u32 data = builder.data(".data", 16);
    const u32 symbol = builder.symbol({.name = "x"});
    for (usize entry = 0; entry < count; ++entry) {
        const bool bad = entry == 5 || entry == elf::entries_between_pauses || entry == count - 1;
        builder.relocation(data, 0, bad ? word32 : word64, symbol);
    }
    EXPECT_EQ(problems(builder, u64{1} << 40, true).size(), 3u);
}

// A load that has been relaxed is none any more: no entry is applied twice.
TEST(LongTables, AreAppliedOnce)
{
    constexpr u32 x86_word64 = 1, x86_rex_gotpcrelx = 42;
    const std::vector<std::byte> load{std::byte{0x48}, std::byte{0x8b}, std::byte{0x05}};
    ObjectBuilder builder(elf::Machine::x86_64);
    std::vector<std::byte> code(32);
    std::copy(load.begin(), load.end(), code.begin());
    const u32 text = builder.section({.name = ".text", .flags = elf::section_alloc | elf::section_exec}, code);
    const u32 symbol = builder.symbol({.name = "x"});
    builder.relocation(text, 3, x86_rex_gotpcrelx, symbol, -4);
    for (usize entry = 0; entry < elf::entries_between_pauses; ++entry)
        builder.relocation(text, 16, x86_word64, symbol);
    ::modlink::Options options;
    const u64 address = options.base + 0x100000;
    options.resolve = [=](std::string_view) { return address; };
    const ::modlink::Output output = ::modlink::link(builder.build(), options);
    ASSERT_TRUE(output.ok());
    const ::modlink::Region& region = *output.region(::modlink::RegionKind::text);
    i32 displacement;
    std::memcpy(&displacement, region.bytes.data() + 3, sizeof(displacement));
    EXPECT_EQ(region.address + 7 + static_cast<u64>(static_cast<i64>(displacement)), address);
}

TEST(Refusals, NameTheSymbolByItsIndex)
{
    ObjectBuilder builder;
    builder.data(".data", 8);
    for (unsigned count = 0; count < 3; ++count)
        builder.symbol({.name = "s", .section = 1});
    builder.symbols()[3].name = 0xffff;
    EXPECT_TRUE(problems(builder, 0).at(0).starts_with("symbol 3: name offset 65535 is outside the ")) << problems(builder, 0).at(0);
}

// Symbols that share one long name: looking each up walks over it again.
std::vector<std::string> with_shared_name(u32 symbols, usize length, usize padding)
{
    ObjectBuilder builder;
    builder.data(".data", 8);
    builder.symbol({.name = std::string(length, 'n')});
    for (u32 count = 1; count < symbols; ++count) {
        builder.symbol({.name = ""});
        builder.symbols().back().name = 1;
    }
    builder.symbol({.name = std::string(padding, 'p'), .section = elf::index_absolute});
    return problems(builder, 0x1000);
}

// Sixteen times the bytes of both tables is what the names may cost. 32 names of 1,201 bytes with their ends are as many bytes as 16 times
// those of 34 symbols and of strings of the length below.
TEST(SharedNames, CostNoMoreThanTheTablesAllow)
{
    constexpr u32 symbols = 32;
    constexpr usize length = 1200;
    constexpr usize strings = symbols * (length + 1) / 16 - (symbols + 2) * sizeof(elf::Symbol);
    constexpr usize padding = strings - (1 + length + 1) - 1;
    EXPECT_EQ(with_shared_name(symbols, length, padding), std::vector<std::string>{});
    const std::vector<std::string> refused = with_shared_name(symbols, length, padding - 1);
    ASSERT_EQ(refused.size(), 1u);
    EXPECT_TRUE(refused[0].starts_with("symbol 32 (nnn")) << "the last one is too much; the reason is cut off behind its name";
}

// 0 in the ways of both machines, and no error.
TEST(WeakReferences, ToNothingAreZero)
{
    for (const auto& [machine, type] : {std::pair(elf::Machine::aarch64, word64), std::pair(elf::Machine::x86_64, 1u)}) {
        ObjectBuilder builder(machine);
        const u32 data = builder.data(".data", 8);
        builder.relocation(data, 0, type, builder.symbol({.name = "nobody", .binding = elf::SymbolBinding::weak}));
        ::modlink::Options options;
        options.resolve = [](std::string_view) { return std::nullopt; };
        const ::modlink::Output output = ::modlink::link(builder.build(), options);
        ASSERT_TRUE(output.ok());
        EXPECT_EQ(output.regions.at(0).bytes, std::vector<std::byte>(8));
    }
}

// An object whose sections are all empty has no memory; what refers into it is at 0.
TEST(EmptyObjects, StandAtZero)
{
    ObjectBuilder builder;
    const u32 data = builder.data(".data", 0);
    builder.symbol({.name = "start", .section = static_cast<u16>(data)});
    const ::modlink::Output output = ::modlink::link(builder.build(), {});
    ASSERT_TRUE(output.ok());
    ASSERT_EQ(output.symbols.size(), 1u);
    EXPECT_EQ(output.symbols[0].address, 0u);
}

}  // namespace
}  // namespace tenon::modlink
