#include <elf.h>

#include <algorithm>
#include <bit>

#include <gtest/gtest.h>

#include "arch/x86/reloc/relocator.h"
#include "tests/support/one_fixup.h"
#include "tests/support/stubs.h"

// Stubs for far branches, which instructions may have one, and the code around them.

namespace tenon::arch::x86 {
namespace {

using modlink::BindingKind;
using modlink::FixupError;
using test::OneFixup;
using test::Stubs;

constexpr u32 pc32 = 2;
constexpr u64 base = 0xffff'8000'1000'0000;

constexpr u8 int3 = 0xcc;

// ENDBR64, so that a pointer to a function may lead here, too; JMP *disp32(%rip); what stands before the address traps.
TEST(X86Stub, JumpsToTheAddressInIt)
{
    constexpr u64 target = 0xfedc'ba98'7654'3210;
    constexpr u8 head[] = {0xf3, 0x0f, 0x1e, 0xfa, 0xff, 0x25};
    std::array<u8, 32> code;
    code.fill(0x5a);
    relocator().write_stub(std::as_writable_bytes(std::span(code)).first(relocator().stub_size()), base, target);
    EXPECT_TRUE(std::equal(std::begin(head), std::end(head), code.begin()));
    i32 distance;
    std::memcpy(&distance, code.data() + sizeof(head), sizeof(distance));
    constexpr usize end = sizeof(head) + sizeof(distance);
    ASSERT_GE(distance, 0);
    ASSERT_LE(end + static_cast<usize>(distance) + sizeof(u64), relocator().stub_size());
    EXPECT_EQ(std::count(code.begin() + end, code.begin() + end + distance, int3), distance);
    u64 word;
    std::memcpy(&word, code.data() + end + distance, sizeof(word));
    EXPECT_EQ(word, target);
    EXPECT_TRUE(std::all_of(code.begin() + relocator().stub_size(), code.end(), [](u8 byte) { return byte == 0x5a; }));
}

// The word is read by one access, at any of a row of stubs.
TEST(X86Stub, OneBehindTheOtherStaysAligned)
{
    EXPECT_TRUE(std::has_single_bit(relocator().stub_alignment()));
    EXPECT_GE(relocator().stub_alignment(), sizeof(u64));
    EXPECT_EQ(relocator().stub_size() % relocator().stub_alignment(), 0u);
}

TEST(X86Stub, FreeMemoryTraps)
{
    const u32 pattern = relocator().trap_pattern();
    for (unsigned byte = 0; byte < 4; ++byte)
        EXPECT_EQ(static_cast<u8>(pattern >> (byte * 8)), int3);
    EXPECT_EQ(relocator().landing_pad_property(), u32{GNU_PROPERTY_X86_FEATURE_1_AND});
}

// A far PC32 in code, behind two bytes of choice.
class FarReference : public OneFixup {
public:
    FarReference(u8 first, u8 second) : OneFixup(relocator(), pc32), stubs(relocator(), pc32, base + 0x1000)
    {
        section.fill(std::byte{0x5a});
        section[offset - 2] = std::byte{first};
        section[offset - 1] = std::byte{second};
        place = base;
        symbol = 0x1000;
        addend = -4;
        cells = &stubs.cells();
    }

    Stubs stubs;
};

// CALL rel32 (e8), JMP rel32 (e9) and Jcc rel32 (0f 80 to 0f 8f), and nothing else (Intel SDM, volume 2).
TEST(X86Stub, BranchesAloneGetOne)
{
    for (const unsigned first : {0x00u, 0x0eu, 0x0fu, 0x4fu, 0x8fu})
        for (unsigned second = 0; second < 256; ++second) {
            const bool branch = second == 0xe8 || second == 0xe9 || (first == 0x0f && second >= 0x80 && second <= 0x8f);
            FarReference reference(static_cast<u8>(first), static_cast<u8>(second));
            auto expected = reference.section;
            const u32 distance = 0x1000 - 4;
            if (branch)
                std::memcpy(expected.data() + reference.offset, &distance, sizeof(distance));
            EXPECT_EQ(reference.apply(), branch ? FixupError::none : FixupError::out_of_range) << std::hex << first << " " << second;
            EXPECT_EQ(reference.section, expected) << std::hex << first << " " << second;
        }
}

// What stands before the section is none of its bytes, even where it looks like a branch.
TEST(X86Stub, TheSectionBeginsWhereItBegins)
{
    for (const auto& [offset, opcode] : {std::pair<usize, u16>{0, 0x00e8}, {1, 0x800f}, {0, 0x800f}}) {
        Stubs stubs(relocator(), pc32, base + 0x1000);
        alignas(8) std::array<std::byte, 16> memory{};
        const std::span<std::byte> section = std::span(memory).subspan(8);
        const usize length = opcode == 0x00e8 ? 1 : 2;
        std::memcpy(section.data() + offset - length, &opcode, length);
        const auto before = memory;
        const elf::Rela entry{offset, (u64{1} << 32) | pc32, -4};
        const std::array<u64, 2> values{0, 0x1000};
        const std::array<BindingKind, 2> kinds{BindingKind::defined, BindingKind::defined};
        const std::array<elf::Symbol, 2> symbols{};
        const auto refusal = relocator().apply(
            {.entries = {&entry, 1}, .values = values, .kinds = kinds, .symbols = symbols, .place = base, .bytes = section}, stubs.cells());
        ASSERT_TRUE(refusal) << offset;
        EXPECT_EQ(refusal->error, FixupError::out_of_range);
        EXPECT_EQ(memory, before);
    }
}

// The same of a load whose opcode would stand before its section.
TEST(X86Relaxation, BeginsInItsSection)
{
    constexpr u32 gotpcrelx = 41;
    alignas(8) std::array<std::byte, 16> memory{};
    memory[7] = std::byte{0x8b};
    memory[8] = std::byte{0x05};
    const auto before = memory;
    const elf::Rela entry{1, (u64{1} << 32) | gotpcrelx, -4};
    const std::array<u64, 2> values{0, base + 0x100};
    const std::array<BindingKind, 2> kinds{BindingKind::defined, BindingKind::defined};
    const std::array<elf::Symbol, 2> symbols{};
    modlink::CellPool no_cells;
    const auto refusal = relocator().apply(
        {.entries = {&entry, 1}, .values = values, .kinds = kinds, .symbols = symbols, .place = base, .bytes = std::span(memory).subspan(8)}, no_cells);
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->error, FixupError::no_cell);
    EXPECT_EQ(memory, before);
}

struct Load {
    u32 type;
    std::vector<u8> before;  // the instruction up to its field
    std::vector<u8> relaxed; // the whole instruction, with the displacement of `near`
};

// The psABI, B.2. The address is 0x100 behind the place; without a GOT entry to be had, what is not relaxed is refused.
TEST(X86Relaxation, ChangesTheInstructionAlone)
{
    constexpr u32 gotpcrelx = 41, rex_gotpcrelx = 42;
    const Load loads[] = {
        {rex_gotpcrelx, {0x4c, 0x8b, 0x3d}, {0x4c, 0x8d, 0x3d, 0xfc, 0, 0, 0}},
        {gotpcrelx, {0x8b, 0x0d}, {0x8d, 0x0d, 0xfc, 0, 0, 0}},
        {gotpcrelx, {0xff, 0x15}, {0x67, 0xe8, 0xfc, 0, 0, 0}},
        {gotpcrelx, {0xff, 0x25}, {0xe9, 0xfd, 0, 0, 0, 0x90}},
    };
    for (const Load& load : loads) {
        OneFixup fixup(relocator(), load.type);
        fixup.section.fill(std::byte{0x5a});
        const usize start = fixup.offset - load.before.size();
        std::memcpy(fixup.section.data() + start, load.before.data(), load.before.size());
        auto expected = fixup.section;
        std::memcpy(expected.data() + start, load.relaxed.data(), load.relaxed.size());
        fixup.symbol = fixup.place + 0x100;
        fixup.addend = -4;
        EXPECT_EQ(fixup.apply(), FixupError::none);
        EXPECT_EQ(fixup.section, expected);
    }
}

// An arithmetic operation on a register of the upper eight becomes one with an immediate: its REX.R moves to REX.B.
TEST(X86Relaxation, ChangesThePrefix)
{
    OneFixup fixup(relocator(), 42);
    fixup.section.fill(std::byte{0x5a});
    const u8 add[] = {0x4c, 0x03, 0x0d};  // ADD r9, m
    std::memcpy(fixup.section.data() + fixup.offset - 3, add, 3);
    auto expected = fixup.section;
    const u8 immediate[] = {0x49, 0x81, 0xc1, 0x78, 0x56, 0x34, 0x12};
    std::memcpy(expected.data() + fixup.offset - 3, immediate, sizeof(immediate));
    fixup.symbol = 0x12345678;
    fixup.addend = -4;
    EXPECT_EQ(fixup.apply(), FixupError::none);
    EXPECT_EQ(fixup.section, expected);
}

// An instruction that would begin before its section is none.
TEST(X86Relaxation, NeedsTheWholeInstruction)
{
    for (const auto& [type, head] : {std::pair<u32, usize>{41, 2}, {42, 3}})
        for (usize offset = 0; offset <= 4; ++offset) {
            OneFixup fixup(relocator(), type);
            fixup.offset = offset;
            fixup.symbol = fixup.place + 0x100;
            fixup.addend = -4;
            const u8 load[] = {0x48, 0x8b, 0x05};
            for (usize back = 1; back <= std::min<usize>(offset, 3); ++back)
                fixup.section[offset - back] = std::byte{load[3 - back]};
            EXPECT_EQ(fixup.apply(), offset >= head ? FixupError::none : FixupError::no_cell) << type << " " << offset;
            EXPECT_EQ(fixup.value, 0);
        }
}

}  // namespace
}  // namespace tenon::arch::x86
