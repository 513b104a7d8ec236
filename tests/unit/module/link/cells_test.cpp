#include <array>
#include <cstring>
#include <map>

#include <gtest/gtest.h>

#include <modlink/modlink.h>
#include "tests/support/object_builder.h"

// Where the linker's own additions stand and what they hold: GOT entries, the GOT's address, stubs of x86-64 and loads that need none.

namespace tenon::modlink {
namespace {

using ::modlink::Options;
using ::modlink::Output;
using ::modlink::RegionKind;
using test::ObjectBuilder;

constexpr u64 alloc = elf::section_alloc;
constexpr u64 exec = elf::section_exec;
constexpr u32 x86_abs64 = 1, x86_pc32 = 2, x86_gotpcrel = 9, x86_gotpc64 = 29, x86_rex_gotpcrelx = 42;

template <typename T>
T word(const Output& output, u64 address)
{
    T value{};
    for (const ::modlink::Region& region : output.regions)
        if (address - region.address < region.bytes.size())
            std::memcpy(&value, region.bytes.data() + (address - region.address), sizeof(value));
    return value;
}

u64 address_of(const Output& output, u32 section)
{
    for (const ::modlink::Section& entry : output.sections)
        if (entry.index == section)
            return entry.address;
    return 0;
}

Output link_with(ObjectBuilder& builder, std::map<std::string, u64> symbols, Options options = {})
{
    options.resolve = [symbols = std::move(symbols)](std::string_view name) -> std::optional<u64> {
        const auto found = symbols.find(std::string(name));
        return found != symbols.end() ? std::optional(found->second) : std::nullopt;
    };
    Output output = ::modlink::link(builder.build(), options);
    EXPECT_TRUE(output.ok()) << (output.problems.empty() ? "" : output.problems.front());
    return output;
}

u64 first_slot(const Output& output, RegionKind kind)
{
    const ::modlink::Region* const region = output.region(kind);
    EXPECT_NE(region, nullptr);
    return region == nullptr ? 0 : region->address + region->cell_offset;
}

// Code of init and code that stays, each with GOT entries of its own; both ask for the GOT's address.
struct TwoLifetimes {
    ObjectBuilder builder{elf::Machine::x86_64};
    u32 init = builder.section({.name = ".init.text", .flags = alloc | exec}, std::vector<std::byte>(16));
    u32 text = builder.section({.name = ".text", .flags = alloc | exec}, std::vector<std::byte>(16));
    u32 data = builder.data(".data", 8);
    u32 strong = builder.symbol({.name = "strong"});
    u32 got = builder.symbol({.name = "_GLOBAL_OFFSET_TABLE_"});

    TwoLifetimes()
    {
        builder.relocation(init, 0, x86_gotpcrel, strong, -4);
        builder.relocation(init, 8, x86_gotpc64, got);
        builder.relocation(text, 8, x86_gotpc64, got);
        builder.relocation(data, 0, x86_abs64, got);
    }
    void expect_got(const Output& output, u64 wanted) const
    {
        EXPECT_EQ(word<u64>(output, address_of(output, data)), wanted);
        for (const u32 code : {init, text}) {
            const u64 place = address_of(output, code) + 8;
            EXPECT_EQ(word<u64>(output, place) + place, wanted);
        }
    }
};

// Init's entries go with init, so that the address of the GOT is one that stays.
TEST(GotBase, IsTheCoresWhereBothHaveOne)
{
    TwoLifetimes object;
    object.builder.relocation(object.text, 0, x86_gotpcrel, object.strong, -4);
    const Output output = link_with(object.builder, {{"strong", 0x7777}});
    EXPECT_NE(first_slot(output, RegionKind::rodata), first_slot(output, RegionKind::init_rodata));
    object.expect_got(output, first_slot(output, RegionKind::rodata));
}

TEST(GotSlot, ValuesThatDifferInTheHighestBitShareNone)
{
    constexpr u64 low = 0x123456, high = low | u64{1} << 63;
    ObjectBuilder builder(elf::Machine::x86_64);
    const u32 text = builder.section({.name = ".text", .flags = alloc | exec}, std::vector<std::byte>(16));
    builder.relocation(text, 0, x86_gotpcrel, builder.symbol({.name = "low"}), -4);
    builder.relocation(text, 8, x86_gotpcrel, builder.symbol({.name = "high"}), -4);
    const Output output = link_with(builder, {{"low", low}, {"high", high}});
    const u64 start = address_of(output, text);
    const auto loaded = [&](u64 place) { return word<u64>(output, place + 4 + static_cast<u64>(static_cast<i64>(word<i32>(output, place)))); };
    EXPECT_EQ(loaded(start), low);
    EXPECT_EQ(loaded(start + 8), high);
}

TEST(Stub, EveryConditionalJumpGetsOne)
{
    constexpr u64 target = 0x1000;
    for (unsigned condition = 0; condition < 16; ++condition) {
        ObjectBuilder builder(elf::Machine::x86_64);
        const std::array<std::byte, 6> jump{std::byte{0x0f}, static_cast<std::byte>(0x80 | condition)};
        const u32 text = builder.section({.name = ".text", .flags = alloc | exec}, jump);
        builder.relocation(text, 2, x86_pc32, builder.symbol({.name = "far_away"}), -4);
        Options options;
        options.base = 0xffff'8000'0000'0000;
        options.far = true;
        const Output output = link_with(builder, {{"far_away", target}}, options);
        const u64 place = address_of(output, text) + 2;
        const u64 stub = place + 4 + static_cast<u64>(static_cast<i64>(word<i32>(output, place)));
        EXPECT_EQ(stub, first_slot(output, RegionKind::text)) << condition;
        EXPECT_EQ(word<u64>(output, stub + 16), target) << condition;
    }
}

// The psABI relaxes a load of a GOT entry (B.2); one that is meant for another place in the table stays a load, whatever the addend.
TEST(Relaxation, IsForTheEntryItselfOnly)
{
    constexpr u64 target = 0x40000000;
    constexpr u8 mov = 0x8b, lea = 0x8d;
    for (const i64 addend : {-4, -12, -5, -3, 0, 1, 4, 4096}) {
        ObjectBuilder builder(elf::Machine::x86_64);
        const std::array<std::byte, 7> load{std::byte{0x48}, std::byte{mov}, std::byte{0x05}};
        const u32 text = builder.section({.name = ".text", .flags = alloc | exec}, load);
        builder.relocation(text, 3, x86_rex_gotpcrelx, builder.symbol({.name = "near"}), addend);
        Options options;
        options.base = target + 0x100000;
        const Output output = link_with(builder, {{"near", target}}, options);
        const u64 start = address_of(output, text);
        EXPECT_EQ(word<u8>(output, start + 1), addend == -4 ? lea : mov) << addend;
        const u64 value = addend == -4 ? target : first_slot(output, RegionKind::rodata);
        EXPECT_EQ(static_cast<i64>(word<i32>(output, start + 3)), static_cast<i64>(value - (start + 3)) + addend) << addend;
    }
}

}  // namespace
}  // namespace tenon::modlink
