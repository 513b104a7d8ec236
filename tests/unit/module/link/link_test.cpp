#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include <gtest/gtest.h>

#include <modlink/modlink.h>
#include "kernel/lib/bits.h"
#include "kernel/lib/errno.h"
#include "tests/support/object_builder.h"

// Whole links of small AArch64 objects: resolving, veneers, GOT entries, life times, messages.

namespace tenon::modlink {
namespace {

using ::modlink::Options;
using ::modlink::Output;
using ::modlink::RegionKind;
using test::ObjectBuilder;

constexpr u32 abs64 = 257, abs32 = 258, prel32 = 261, adrp = 275, ldst16 = 284, call26 = 283, jump26 = 282, got_page = 311, got_lo12 = 312,
              gotpage_lo15 = 313, plt32 = 314, gotpcrel32 = 315;

Options with_symbols(std::map<std::string, u64> symbols)
{
    Options options;
    options.resolve = [symbols = std::move(symbols)](std::string_view name) -> std::optional<u64> {
        const auto found = symbols.find(std::string(name));
        return found != symbols.end() ? std::optional(found->second) : std::nullopt;
    };
    return options;
}

// Links both ways of reading, which must agree.
Output link_object(ObjectBuilder& builder, Options options)
{
    const auto file = builder.build();
    const Output output = ::modlink::link(file, options);
    options.in_pieces = true;
    const Output copied = ::modlink::link(file, options);
    EXPECT_EQ(output.error, copied.error);
    EXPECT_EQ(output.problems, copied.problems);
    EXPECT_EQ(output.unresolved, copied.unresolved);
    EXPECT_EQ(output.regions.size(), copied.regions.size());
    for (usize index = 0; index < output.regions.size() && output.ok(); ++index)
        EXPECT_EQ(output.regions[index].bytes, copied.regions[index].bytes);
    return output;
}

template <typename T = u32>
T word(const Output& output, u64 address)
{
    for (const ::modlink::Region& region : output.regions)
        if (address - region.address < region.bytes.size()) {
            T value;
            std::memcpy(&value, region.bytes.data() + (address - region.address), sizeof(value));
            return value;
        }
    ADD_FAILURE() << "no region holds " << std::hex << address;
    return 0;
}

u64 address_of(const Output& output, u32 section)
{
    for (const ::modlink::Section& entry : output.sections)
        if (entry.index == section)
            return entry.address;
    return 0;
}

u64 branch_target(const Output& output, u64 place)
{
    const u32 insn = word(output, place);
    return place + static_cast<u64>(static_cast<i64>(insn << 6) << 32 >> 38 << 2);
}

// What a veneer's MOVZ and MOVKs put into X16.
u64 veneer_target(const Output& output, u64 veneer)
{
    EXPECT_EQ(word(output, veneer), 0xd503245fu) << "BTI C";
    EXPECT_EQ(word(output, veneer + 20), 0xd61f0200u) << "BR X16";
    u64 target = 0;
    for (u64 part = 0; part < 4; ++part) {
        const u32 insn = word(output, veneer + 4 + part * 4);
        EXPECT_EQ(insn & 0xffe0001f, (part == 0 ? 0xd2800010u : 0xf2800010u) | static_cast<u32>(part << 21));
        target |= u64{(insn >> 5) & 0xffff} << (part * 16);
    }
    return target;
}

TEST(Link, DataPointsWhereItShould)
{
    ObjectBuilder builder;
    const u32 text = builder.text(".text", 4);
    const u32 data = builder.data(".data", 32);
    const u32 local = builder.symbol({.name = "local", .section = static_cast<u16>(text), .value = 8});
    const u32 fixed = builder.symbol({.name = "fixed", .section = elf::index_absolute, .value = 0x1234});
    const u32 other = builder.symbol({.name = "other"});
    builder.relocation(data, 0, abs64, local, 4);
    builder.relocation(data, 8, abs64, fixed);
    builder.relocation(data, 16, abs64, other);
    builder.relocation(data, 24, prel32, local);
    const Output output = link_object(builder, with_symbols({{"other", 0xffff800012345678}}));
    ASSERT_TRUE(output.ok()) << output.problems.at(0);
    const u64 base = address_of(output, data);
    EXPECT_EQ(word<u64>(output, base), address_of(output, text) + 12);
    EXPECT_EQ(word<u64>(output, base + 8), 0x1234u);
    EXPECT_EQ(word<u64>(output, base + 16), 0xffff800012345678u);
    EXPECT_EQ(word(output, base + 24), static_cast<u32>(address_of(output, text) + 8 - (base + 24)));
    EXPECT_EQ(word(output, base + 28), 0x5a5a5a5au) << "not relocated";
}

TEST(Link, BssAndGapsAreZero)
{
    ObjectBuilder builder;
    builder.section({.name = ".data", .flags = elf::section_alloc | elf::section_write}, std::vector<std::byte>(3, std::byte{1}));
    const u32 bss = builder.section({.name = ".bss", .type = elf::SectionType::nobits,
                                     .flags = elf::section_alloc | elf::section_write, .alignment = 64, .nobits_size = 16});
    const Output output = link_object(builder, {});
    ASSERT_TRUE(output.ok());
    const auto& bytes = output.region(RegionKind::data)->bytes;
    EXPECT_EQ(bytes.size(), 80u);
    EXPECT_EQ(std::count(bytes.begin() + 3, bytes.end(), std::byte{0}), 77);
    EXPECT_EQ(address_of(output, bss) % 64, 0u);
}

// C's empty structures make such sections; code refers to them as to any other.
TEST(Link, EmptySectionsOfRegionsWithoutMemoryAreInReach)
{
    ObjectBuilder builder;
    const u32 text = builder.text(".text", 1);
    const u32 data = builder.data(".data", 0);
    const u32 empty = builder.symbol({.name = "empty", .section = static_cast<u16>(data)});
    builder.relocation(text, 0, adrp, empty);
    const Output output = link_object(builder, with_symbols({}));
    ASSERT_TRUE(output.ok()) << output.problems.at(0);
    EXPECT_EQ(address_of(output, data), address_of(output, text));
}

TEST(Link, EveryUnresolvedSymbolIsReported)
{
    ObjectBuilder builder;
    const u32 data = builder.data(".data", 8);
    builder.symbol({.name = "first"});
    builder.symbol({.name = "known"});
    builder.symbol({.name = "second"});
    builder.symbol({.name = "weak", .binding = elf::SymbolBinding::weak});
    builder.relocation(data, 0, abs64, 1);
    const Output output = link_object(builder, with_symbols({{"known", 1}}));
    EXPECT_EQ(output.error, static_cast<int>(Errno::noent));
    EXPECT_EQ(output.unresolved, (std::vector<std::string>{"first", "second"}));
}

TEST(Link, SymbolsThatAreNotSound)
{
    const auto reason = [](const ObjectBuilder::SymbolSpec& spec, auto change) {
        ObjectBuilder builder;
        builder.data(".data", 8);
        builder.symbol(spec);
        change(builder.symbols()[1]);
        const Output output = link_object(builder, {});
        EXPECT_EQ(output.error, static_cast<int>(Errno::noexec));
        return output.problems.empty() ? std::string() : output.problems[0];
    };
    const auto nothing = [](elf::Symbol&) {};
    EXPECT_NE(reason({.name = "c", .section = elf::index_common}, nothing).find("common"), std::string::npos);
    EXPECT_NE(reason({.name = "t", .section = 1, .type = elf::SymbolType::tls}, nothing).find("type"), std::string::npos);
    EXPECT_NE(reason({.name = "i", .section = 1, .type = elf::SymbolType::ifunc}, nothing).find("type"), std::string::npos);
    for (const u16 section : {u16{5}, u16{0xfeff}, u16{0xff00}, u16{0xfff0}, u16{0xffff}})
        EXPECT_NE(reason({.name = "s", .section = section}, nothing).find("section index"), std::string::npos) << section;
    for (const u32 name : {10u, 0xffffffffu})
        EXPECT_NE(reason({.name = "n", .section = 1}, [=](elf::Symbol& s) { s.name = name; }).find("name offset"), std::string::npos);
}

TEST(Link, ReferenceToASectionThatIsNotLoaded)
{
    ObjectBuilder builder;
    const u32 modinfo = builder.section({.name = ".modinfo"}, std::vector<std::byte>(8));
    const u32 data = builder.data(".data", 8);
    builder.relocation(data, 0, abs64, builder.symbol({.name = "info", .section = static_cast<u16>(modinfo)}));
    const Output output = link_object(builder, {});
    EXPECT_EQ(output.error, static_cast<int>(Errno::noexec));
    EXPECT_EQ(output.problems.at(0), ".data+0x0: R_AARCH64_ABS64: refers to a section that is not loaded (info)");
}

TEST(Link, MessagesNameEverything)
{
    ObjectBuilder builder;
    const u32 text = builder.text(".text", 4);
    builder.relocation(text, 8, call26, builder.symbol({.name = "distant"}));
    Output output = link_object(builder, with_symbols({{"distant", 0xffffffffa8000008}}));
    EXPECT_EQ(output.error, static_cast<int>(Errno::noexec));
    EXPECT_EQ(output.problems.at(0),
              ".text+0x8: R_AARCH64_CALL26: value 0x8000000 is not in [-0x8000000, 0x7ffffff] (distant)");

    ObjectBuilder unknown;
    unknown.relocation(unknown.text(".text", 1), 0, 1000, unknown.symbol({.name = "x"}));
    EXPECT_EQ(link_object(unknown, with_symbols({{"x", 0}})).problems.at(0), ".text+0x0: unsupported relocation type 1000 (x)");

    ObjectBuilder misaligned;
    misaligned.relocation(misaligned.text(".text", 1), 0, ldst16, misaligned.symbol({.name = "x"}));
    EXPECT_EQ(link_object(misaligned, with_symbols({{"x", 3}})).problems.at(0),
              ".text+0x0: R_AARCH64_LDST16_ABS_LO12_NC: value is not aligned: 0x3 is no multiple of 2 (x)");
}

TEST(Link, AllRefusalsWhenAskedFor)
{
    ObjectBuilder builder;
    const u32 data = builder.data(".data", 16);
    const u32 symbol = builder.symbol({.name = "x"});
    builder.relocation(data, 0, abs32, symbol);
    builder.relocation(data, 4, 999, symbol);
    builder.relocation(data, 100, abs64, symbol);
    builder.relocation(data, 8, abs64, symbol);
    Options options = with_symbols({{"x", u64{1} << 40}});
    EXPECT_EQ(link_object(builder, options).problems.size(), 1u);
    options.report_all = true;
    const Output output = link_object(builder, options);
    EXPECT_EQ(output.problems.size(), 3u);
    EXPECT_EQ(word<u64>(output, address_of(output, data) + 8), u64{1} << 40) << "the good one was applied";
}

struct FarCalls {
    static constexpr u64 far_away = 0xffff900000000000;
    ObjectBuilder builder;
    u32 text = builder.text(".text", 8);
    u32 init = builder.text(".init.text", 4);

    Output link(u64 target, bool far)
    {
        const u32 one = builder.symbol({.name = "one"});
        const u32 two = builder.symbol({.name = "two"});
        builder.relocation(text, 0, call26, one);
        builder.relocation(text, 4, call26, two);
        builder.relocation(text, 8, jump26, one);
        builder.relocation(text, 12, call26, one, 16);
        builder.relocation(text, 16, plt32, one);
        builder.relocation(init, 0, call26, one);
        Options options = with_symbols({{"one", target}, {"two", target + 64}});
        options.far = far;
        return link_object(builder, options);
    }
};

TEST(Veneer, FarCallsGoThroughOnePerTarget)
{
    FarCalls calls;
    const Output output = calls.link(FarCalls::far_away, true);
    ASSERT_TRUE(output.ok()) << output.problems.at(0);
    const u64 base = address_of(output, calls.text);
    const u64 veneer = branch_target(output, base);
    EXPECT_EQ(veneer_target(output, veneer), FarCalls::far_away);
    EXPECT_EQ(branch_target(output, base + 8), veneer) << "shared";
    EXPECT_EQ(base + 16 + word<u32>(output, base + 16), veneer) << "PLT32 too";
    EXPECT_EQ(veneer_target(output, branch_target(output, base + 4)), FarCalls::far_away + 64);
    EXPECT_EQ(veneer_target(output, branch_target(output, base + 12)), FarCalls::far_away + 16);
}

TEST(Veneer, OfInitDiesWithInit)
{
    FarCalls calls;
    const Output output = calls.link(FarCalls::far_away, true);
    const u64 init = address_of(output, calls.init);
    const u64 veneer = branch_target(output, init);
    EXPECT_EQ(veneer_target(output, veneer), FarCalls::far_away);
    const ::modlink::Region& region = *output.region(RegionKind::init_text);
    EXPECT_LT(veneer - region.address, region.size);
}

TEST(Veneer, NotUsedForTargetsInReach)
{
    FarCalls calls;
    const u64 target = Options{}.base + 0x7f00000;
    const Output output = calls.link(target, true);
    ASSERT_TRUE(output.ok());
    EXPECT_EQ(branch_target(output, address_of(output, calls.text)), target);
}

TEST(Veneer, WithoutReservationOutOfReachIsAnError)
{
    FarCalls calls;
    EXPECT_EQ(calls.link(FarCalls::far_away, false).error, static_cast<int>(Errno::noexec));
}

// A word of data behind a byte that would be the opcode of CALL: an address, which no veneer may stand for.
TEST(Veneer, NotForX86Data)
{
    constexpr u32 pc32 = 2;
    constexpr std::array call{std::byte{0xe8}, std::byte{}, std::byte{}, std::byte{}, std::byte{}};
    for (const u64 flags : {elf::section_alloc | elf::section_exec, elf::section_alloc}) {
        ObjectBuilder builder(elf::Machine::x86_64);
        builder.section({.name = ".text", .flags = elf::section_alloc | elf::section_exec}, call);
        const u32 section = builder.section({.name = ".section", .flags = flags}, call);
        const u32 symbol = builder.symbol({.name = "far_away"});
        builder.relocation(section, 1, pc32, symbol, -4);
        Options options = with_symbols({{"far_away", 0x1000}});
        options.base = 0xffff'8000'0000'0000;
        options.far = true;
        const Output output = link_object(builder, options);
        EXPECT_EQ(output.ok(), flags != elf::section_alloc) << std::hex << flags;
    }
}

TEST(Cells, OfX86AreReservedOncePerSymbol)
{
    constexpr u32 x86_plt32 = 4;
    constexpr u32 gotpcrel = 9;
    ObjectBuilder builder(elf::Machine::x86_64);
    const u32 text = builder.text(".text", 16);
    const u32 symbol = builder.symbol({.name = "far_away"});
    for (u64 call = 0; call < 3; ++call)
        builder.relocation(text, call * 4, call < 2 ? x86_plt32 : gotpcrel, symbol, -4);
    builder.relocation(text, 12, gotpcrel, symbol, -4);
    Options options = with_symbols({{"far_away", 0x1000}});
    options.base = 0xffff'8000'0000'0000;
    options.far = true;
    const Output output = link_object(builder, options);
    ASSERT_TRUE(output.ok()) << output.problems.at(0);
    EXPECT_EQ(output.region(RegionKind::text)->veneers, 1u);
    EXPECT_EQ(output.region(RegionKind::rodata)->slots, 1u);
}

struct Got {
    ObjectBuilder builder;
    u32 text = builder.text(".text", 8);
    u32 data = builder.data(".rodata", 8, elf::section_alloc);

    Got()
    {
        const u32 strong = builder.symbol({.name = "strong"});
        const u32 weak = builder.symbol({.name = "weak", .binding = elf::SymbolBinding::weak});
        builder.relocation(text, 0, got_page, strong);
        builder.relocation(text, 4, got_lo12, strong);
        builder.relocation(text, 8, got_page, weak);
        builder.relocation(text, 12, got_lo12, weak);
        builder.relocation(text, 16, gotpage_lo15, weak);
        builder.relocation(data, 0, gotpcrel32, strong);
    }

    static u64 slot(const Output& output, u64 place)
    {
        const u32 page = word(output, place);
        const u64 pages = ((page >> 29) & 3) | (((page >> 5) & 0x7ffff) << 2);
        const i64 offset = static_cast<i64>(pages << 43) >> 43 << 12;
        return (place & ~u64{0xfff}) + static_cast<u64>(offset) + ((word(output, place + 4) >> 10) & 0xfff) * 8;
    }
};

TEST(GotSlot, HoldsTheValueOnce)
{
    Got got;
    // ADRP x0 and LDR x0, [x0]
    const Output output = link_object(got.builder, with_symbols({{"strong", 0xffff800099999998}}));
    ASSERT_TRUE(output.ok()) << output.problems.at(0);
    const u64 base = address_of(output, got.text);
    const u64 strong = Got::slot(output, base);
    EXPECT_EQ(word<u64>(output, strong), 0xffff800099999998u);
    EXPECT_EQ(address_of(output, got.data) + word<u32>(output, address_of(output, got.data)), strong);
    const u64 weak = Got::slot(output, base + 8);
    EXPECT_EQ(word<u64>(output, weak), 0u) << "undefined weak";
    EXPECT_EQ(output.region(RegionKind::rodata)->slots, 2u);
    const u64 got_start = output.region(RegionKind::rodata)->address + output.region(RegionKind::rodata)->cell_offset;
    EXPECT_EQ(((word(output, base + 16) >> 10) & 0xfff) * 8, weak - (got_start & ~u64{0xfff}));
}

TEST(GotSlot, TooFarIsAnError)
{
    Got got;
    Options options = with_symbols({{"strong", 0}});
    options.place = [](RegionKind kind, u64, u64) { return kind == RegionKind::text ? u64{1} << 40 : u64{1} << 41; };
    const Output output = link_object(got.builder, options);
    EXPECT_EQ(output.error, static_cast<int>(Errno::noexec));
    EXPECT_NE(output.problems.at(0).find("R_AARCH64_ADR_GOT_PAGE"), std::string::npos);
}

TEST(Link, SectionsMayStandAnywhere)
{
    ObjectBuilder builder;
    const u32 text = builder.text(".text", 2);
    const u32 data = builder.data(".data", 8);
    builder.relocation(text, 0, adrp, builder.symbol({.name = "d", .section = static_cast<u16>(data)}));
    Options options;
    options.place = [](RegionKind kind, u64, u64) { return kind == RegionKind::text ? 0x10000ff0u : 0x20000000u; };
    const Output output = link_object(builder, options);
    ASSERT_TRUE(output.ok());
    EXPECT_EQ(address_of(output, text), 0x10000ff0u);
    EXPECT_EQ(word(output, 0x10000ff0) >> 31, 1u);
}

}  // namespace
}  // namespace tenon::modlink
