#include <cstring>

#include <gtest/gtest.h>

#include <modlink/modlink.h>
#include "kernel/lib/errno.h"
#include "tests/support/object_builder.h"

// Cortex-A53 erratum 843419: no ADRP may stay at page offset 0xff8 or 0xffc.

namespace tenon::modlink {
namespace {

using ::modlink::Output;
using ::modlink::RegionKind;
using test::ObjectBuilder;

constexpr u64 text_base = 0xffff800008000000;
constexpr u32 insn_adrp_x3 = 0x90000003;

u32 word(const Output& output, u64 address)
{
    const ::modlink::Region& region = *output.region(RegionKind::text);
    u32 value;
    std::memcpy(&value, region.bytes.data() + (address - region.address), sizeof(value));
    return value;
}

// So many instructions, each an ADRP of one symbol.
Output link_adrps(u64 target, bool avoid, usize count = 3000)
{
    ObjectBuilder builder;
    std::vector<u32> code(count, insn_adrp_x3);
    const u32 text = builder.section({.name = ".text", .flags = elf::section_alloc | elf::section_exec},
                                     std::as_bytes(std::span(code)));
    const u32 symbol = builder.symbol({.name = "target"});
    for (u64 at = 0; at < code.size() * 4; at += 4)
        builder.relocation(text, at, 275, symbol);
    ::modlink::Options options;
    options.avoid_erratum_843419 = avoid;
    options.resolve = [=](std::string_view) { return target; };
    options.place = [](RegionKind, u64, u64) { return text_base; };
    return ::modlink::link(builder.build(), options);
}

i64 adr_immediate(u32 insn)
{
    const u64 bits = (insn >> 29 & 3) | (u64{insn >> 5 & 0x7ffff} << 2);
    return static_cast<i64>(bits << 43) >> 43;
}

// The page that the instruction at `place` puts into its register, following the branch into a veneer and back.
u64 page_from(const Output& output, u64 place, unsigned& veneers)
{
    u32 insn = word(output, place);
    if (insn >> 26 == 5) {
        ++veneers;
        const u64 veneer = place + static_cast<u64>(static_cast<i64>(u64{insn} << 38) >> 36);
        EXPECT_NE(veneer & 0xff8, 0xff8u);
        const u32 back = word(output, veneer + 4);
        EXPECT_EQ(back >> 26, 5u);
        EXPECT_EQ(veneer + 4 + static_cast<u64>(static_cast<i64>(u64{back} << 38) >> 36), place + 4);
        place = veneer;
        insn = word(output, veneer);
    }
    EXPECT_EQ(insn & 0x1f, 3u);
    if (insn >> 31 == 0)
        return place + static_cast<u64>(adr_immediate(insn));
    return (place & ~u64{0xfff}) + static_cast<u64>(adr_immediate(insn) * 4096);
}

void expect_avoided(u64 target, unsigned expected_veneers, usize count = 3000)
{
    const Output output = link_adrps(target, true, count);
    ASSERT_TRUE(output.ok()) << output.problems.at(0);
    unsigned veneers = 0;
    for (u64 place = text_base; place < text_base + count * 4; place += 4) {
        const u32 insn = word(output, place);
        if ((place & 0xff8) == 0xff8) {
            EXPECT_NE(insn & 0x9f000000, 0x90000000u) << std::hex << place << " is still an ADRP";
        }
        EXPECT_EQ(page_from(output, place, veneers), target & ~u64{0xfff}) << std::hex << place;
    }
    EXPECT_EQ(veneers, expected_veneers);
}

TEST(Erratum843419, NearTargetsUseAdr)
{
    expect_avoided(text_base + 0x54321, 0);
    expect_avoided(text_base - 0x54321, 0);
}

// ADR reaches from 1 MiB before its own place up to 1 MiB behind it, not its page.
TEST(Erratum843419, AdrReachesOneMegabyte)
{
    constexpr usize one_page = 1024;
    constexpr u64 mebibyte = 1 << 20;
    expect_avoided(text_base + mebibyte, 0, one_page);
    expect_avoided(text_base + mebibyte + 0x1000, 2, one_page);
    expect_avoided(text_base - mebibyte + 0x1000, 0, one_page);
    expect_avoided(text_base - mebibyte, 2, one_page);
}

TEST(Erratum843419, OthersGoThroughVeneers)
{
    expect_avoided(text_base + 0x12345678, 4);
    expect_avoided(text_base - 0x12345678, 4);
}

// The veneers stand behind the code: here each of them begins once where no ADRP may stand.
TEST(Erratum843419, VeneersAvoidItThemselves)
{
    constexpr u64 veneer_size = 24;
    for (u64 number = 0; number < 4; ++number)
        expect_avoided(text_base + 0x12345678, 4, (0x2ff8 - number * veneer_size) / 4);
}

TEST(Erratum843419, NothingHappensUnasked)
{
    const Output output = link_adrps(text_base + 0x12345678, false);
    ASSERT_TRUE(output.ok());
    EXPECT_EQ(output.region(RegionKind::text)->size, 12000u);
    EXPECT_EQ(word(output, text_base + 0xff8) & 0x9f000000, 0x90000000u);
}

}  // namespace
}  // namespace tenon::modlink
