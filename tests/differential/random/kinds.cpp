#include "tests/differential/random/kinds.h"

#include <array>

namespace tenon::test {
namespace {

using enum Aim;
using enum Fit;
using enum Known;

constexpr u32 movz = 0xd2800000, movk = 0xf2800000, ldr = 0xf9400000;
constexpr u32 hw(u32 instruction, u32 halfword) { return instruction | halfword << 21; }

// AAELF64, "Static AArch64 relocations".
constexpr auto arm64 = std::to_array<Kind>({
    {257, absolute, any, 64, 1, both, 0, 8},
    {258, absolute, either, 32, 1},
    {259, absolute, either, 16, 1, both, 0, 2},
    {260, relative, any, 64, 1, both, 0, 8},
    {261, relative, either, 32, 1},
    {262, relative, either, 16, 1, both, 0, 2},
    {314, relative, is_signed, 32, 1, lld, 0, 4, true},
    {263, absolute, is_unsigned, 16, 1, both, movz},
    {264, absolute, any, 64, 1, both, movk},
    {265, absolute, is_unsigned, 32, 1, both, hw(movz, 1)},
    {266, absolute, any, 64, 1, both, hw(movk, 1)},
    {267, absolute, is_unsigned, 48, 1, both, hw(movz, 2)},
    {268, absolute, any, 64, 1, both, hw(movk, 2)},
    {269, absolute, any, 64, 1, both, hw(movz, 3)},
    {270, absolute, is_signed, 17, 1, both, movz},
    {271, absolute, is_signed, 33, 1, both, hw(movz, 1)},
    {272, absolute, is_signed, 49, 1, both, hw(movz, 2)},
    {287, relative, is_signed, 17, 1, both, movz},
    {288, relative, any, 64, 1, both, movk},
    {289, relative, is_signed, 33, 1, both, hw(movz, 1)},
    {290, relative, any, 64, 1, both, hw(movk, 1)},
    {291, relative, is_signed, 49, 1, both, hw(movz, 2)},
    {292, relative, any, 64, 1, both, hw(movk, 2)},
    {293, relative, any, 64, 1, both, hw(movz, 3)},
    {273, relative, is_signed, 21, 4, both, 0x58000000},
    {274, relative, is_signed, 21, 1, both, 0x10000000},
    {275, page, is_signed, 33, 1, both, 0x90000000},
    {276, page, any, 64, 1, both, 0x90000000},
    {277, absolute, any, 64, 1, both, 0x91000000},
    {278, absolute, any, 64, 1, both, 0x39400000},
    {284, absolute, any, 64, 2, both, 0x79400000},
    {285, absolute, any, 64, 4, both, 0xb9400000},
    {286, absolute, any, 64, 8, both, ldr},
    {299, absolute, any, 64, 16, both, 0x3dc00000},
    {279, relative, is_signed, 16, 4, both, 0x36000000},
    {280, relative, is_signed, 21, 4, both, 0x54000000},
    {282, relative, is_signed, 28, 4, both, 0x14000000, 4, true},
    {283, relative, is_signed, 28, 4, both, 0x94000000, 4, true},
    {300, entry, is_signed, 17, 1, nobody, movz},
    {301, entry, any, 64, 1, gnu, movk},
    {302, entry, is_signed, 33, 1, gnu, hw(movz, 1)},
    {303, entry, any, 64, 1, nobody, hw(movk, 1)},
    {304, entry, is_signed, 49, 1, nobody, hw(movz, 2)},
    {305, entry, any, 64, 1, nobody, hw(movk, 2)},
    {306, entry, any, 64, 1, nobody, hw(movz, 3)},
    {309, entry, is_signed, 21, 4, gnu, 0x58000000},
    {310, entry, is_unsigned, 15, 8, gnu, ldr},
    {311, entry, is_signed, 33, 1, both, 0x90000000},
    {312, entry, any, 64, 8, both, ldr},
    {313, entry, is_unsigned, 15, 8, both, ldr},
    {315, entry, is_signed, 32, 1, nobody},
    {307, got_base, any, 64, 1, nobody, 0, 8},
    {308, got_base, is_signed, 32, 1, nobody},
});

// System V ABI, AMD64 supplement, table 4.9.
constexpr auto x86 = std::to_array<Kind>({
    {1, absolute, any, 64, 1, both, 0, 8},
    {2, relative, is_signed, 32, 1, both, 0, 4, true},
    {4, relative, is_signed, 32, 1, both, 0, 4, true},
    {10, absolute, is_unsigned, 32, 1},
    {11, absolute, is_signed, 32, 1},
    {12, absolute, either, 16, 1, both, 0, 2},
    {13, relative, is_signed, 16, 1, both, 0, 2},
    {14, absolute, either, 8, 1, both, 0, 1},
    {15, relative, is_signed, 8, 1, both, 0, 1},
    {24, relative, any, 64, 1, both, 0, 8},
    {32, size, is_unsigned, 32, 1},
    {33, size, any, 64, 1, both, 0, 8},
    {9, entry, is_signed, 32, 1},
    {41, entry, is_signed, 32, 1},
    {42, entry, is_signed, 32, 1},
    {25, got_base, any, 64, 1, both, 0, 8},
    {26, got_base, is_signed, 32, 1},
    {29, got_base, any, 64, 1, both, 0, 8},
});

}  // namespace

std::span<const Kind> kinds_of(elf::Machine machine)
{
    return machine == elf::Machine::aarch64 ? std::span<const Kind>(arm64) : std::span<const Kind>(x86);
}

}  // namespace tenon::test
