#include <elf.h>

#include <bit>

#include <gtest/gtest.h>

#include "arch/arm64/reloc/relocator.h"
#include "tests/support/one_fixup.h"
#include "tests/support/stubs.h"

// Code that the relocator writes itself: stubs for far branches, and the veneers of Cortex-A53 erratum 843419.

namespace tenon::arch::arm64 {
namespace {

using modlink::FixupError;
using test::OneFixup;
using test::Stubs;

constexpr u32 adr_prel_pg_hi21 = 275, call26 = 283;
constexpr u64 base = 0xffff'8000'1000'0000;
constexpr i64 branch_reach = i64{1} << 27;

u32 word_of(std::span<const std::byte> bytes, usize offset)
{
    u32 word;
    std::memcpy(&word, bytes.data() + offset, sizeof(word));
    return word;
}

TEST(Arm64Stub, ReachesEveryAddress)
{
    for (const u64 target : {u64{0}, ~u64{0}, u64{0x0123'4567'89ab'cdef}, u64{0xfedc'ba98'7654'3210}, u64{0x8001'8001'8001'8001}}) {
        std::array<std::byte, 24> code{};
        relocator().write_stub(code, base, target);
        u64 x16 = 0;
        for (unsigned part = 0; part < 4; ++part)
            x16 |= u64{(word_of(code, 4 + part * 4) >> 5) & 0xffff} << (part * 16);
        EXPECT_EQ(x16, target);
    }
}

// BTI C, so that a pointer to a function may lead here, too; and of all registers only X16, which a veneer may change (AAPCS64, "Use of IP0 and IP1
// by the linker"): MOVZ, three MOVK, BR.
TEST(Arm64Stub, ChangesTheVeneersRegisterAlone)
{
    std::array<std::byte, 24> code{};
    relocator().write_stub(code, base, 0);
    EXPECT_EQ(word_of(code, 0), 0xd503245fu) << "BTI C";
    EXPECT_EQ(word_of(code, 4), 0xd2800010u) << "MOVZ X16, #0";
    for (u32 part = 1; part < 4; ++part)
        EXPECT_EQ(word_of(code, 4 + part * 4), 0xf2800010u | part << 21) << "MOVK X16, #0, LSL #16 * part";
    EXPECT_EQ(word_of(code, 20), 0xd61f0200u) << "BR X16";
}

TEST(Arm64Stub, FreeMemoryTraps)
{
    EXPECT_EQ(relocator().trap_pattern() >> 16, 0u) << "UDF";
    EXPECT_EQ(relocator().landing_pad_property(), u32{GNU_PROPERTY_AARCH64_FEATURE_1_AND});
}

TEST(Arm64Stub, OneBehindTheOtherStaysAligned)
{
    EXPECT_TRUE(std::has_single_bit(relocator().stub_alignment()));
    EXPECT_GE(relocator().stub_alignment(), 4u);
    EXPECT_EQ(relocator().stub_size() % relocator().stub_alignment(), 0u);
}

// An ADRP at `place` of a page beyond the reach of ADR, with the room for its veneer at `veneer`.
class FarAdrp : public OneFixup {
public:
    FarAdrp(u64 at, u64 veneer) : OneFixup(relocator(), adr_prel_pg_hi21), stubs(relocator(), adr_prel_pg_hi21, veneer)
    {
        put(0x90000003);
        place = at;
        symbol = base + 0x1234'5000;
        cells = &stubs.cells();
    }

    Stubs stubs;
};

i64 branch_distance(u32 insn)
{
    EXPECT_EQ(insn >> 26, 5u) << "B";
    return static_cast<i64>(u64{insn} << 38) >> 36;
}

// The branch into the veneer and the one back, four bytes behind each, reach equally far. Rooms begin at multiples of 8, here at none that shifts
// the veneer.
TEST(Arm64ErratumVeneer, AsFarAsABranchReaches)
{
    constexpr u64 place = base + 0xffc;
    for (const i64 distance : {branch_reach - 12, -branch_reach + 4}) {
        FarAdrp fixup(place, place + static_cast<u64>(distance));
        ASSERT_EQ(fixup.apply(), FixupError::none) << distance;
        EXPECT_EQ(branch_distance(fixup.get()), distance);
        EXPECT_EQ(branch_distance(word_of(fixup.stubs.bytes(), 4)), -distance);
    }
    for (const i64 distance : {branch_reach + 4, -branch_reach - 12}) {
        FarAdrp fixup(place, place + static_cast<u64>(distance));
        const auto before = fixup.section;
        EXPECT_EQ(fixup.apply(), FixupError::out_of_range) << distance;
        EXPECT_EQ(fixup.value, distance);
        EXPECT_EQ(fixup.section, before);
    }
}

TEST(Arm64ErratumVeneer, NeedsRoom)
{
    FarAdrp fixup(base + 0xffc, base);
    ASSERT_TRUE(fixup.stubs.cells().scratch()) << "the only room is taken";
    const auto before = fixup.section;
    EXPECT_EQ(fixup.apply(), FixupError::no_cell);
    EXPECT_EQ(fixup.value, 0) << "no value is at fault";
    EXPECT_EQ(fixup.section, before);
}

// Whatever the page: the offset in it is what counts.
TEST(Arm64ErratumVeneer, NeverBeginsWhereNoAdrpMayStand)
{
    for (const u64 page : {0, 1, 2, 3}) {
        const u64 room = base + 0x10000 + page * 4096 + 0xff8;
        FarAdrp fixup(base + 0xff8, room);
        ASSERT_EQ(fixup.apply(), FixupError::none);
        const u64 start = fixup.place + static_cast<u64>(branch_distance(fixup.get()));
        EXPECT_EQ(start, room + 8);
    }
    FarAdrp fixup(base + 0xff8, base + 0x10000);
    ASSERT_EQ(fixup.apply(), FixupError::none);
    EXPECT_EQ(fixup.place + static_cast<u64>(branch_distance(fixup.get())), base + 0x10000) << "elsewhere at the beginning of the room";
}

// A reference to the GOT at a place that is no instruction's takes no entry from those that are.
TEST(Arm64Range, MisalignedReferencesTakeNothing)
{
    Stubs stubs(relocator(), call26, base + 0x1000);
    OneFixup call(relocator(), call26);
    call.cells = &stubs.cells();
    call.offset += 2;
    EXPECT_EQ(call.apply(), FixupError::misaligned_place);
    EXPECT_EQ(call.value, 0);
    EXPECT_EQ(stubs.cells().stubs_used(), 0u);
}

}  // namespace
}  // namespace tenon::arch::arm64
