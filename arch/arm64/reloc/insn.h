#pragma once

#include "kernel/lib/types.h"

// Immediate fields of A64 instructions (Arm Architecture Reference Manual, C4.1 and C6.2). Each function puts the low bits of `value` into
// its field and leaves the rest of the instruction alone; the caller has checked the range.

namespace tenon::arch::arm64 {

constexpr u32 with_field(u32 insn, u64 value, unsigned lowest_bit, unsigned width)
{
    const u32 mask = ((u32{1} << width) - 1) << lowest_bit;
    return (insn & ~mask) | ((static_cast<u32>(value) << lowest_bit) & mask);
}

// B, BL: imm26 counts words.
constexpr u32 with_branch26(u32 insn, u64 offset) { return with_field(insn, offset >> 2, 0, 26); }

// B.cond, CBZ, CBNZ and LDR (literal): imm19 counts words.
constexpr u32 with_word19(u32 insn, u64 offset) { return with_field(insn, offset >> 2, 5, 19); }

// TBZ, TBNZ: imm14 counts words.
constexpr u32 with_word14(u32 insn, u64 offset) { return with_field(insn, offset >> 2, 5, 14); }

// ADR, ADRP: a 21-bit immediate in immhi (bits 23:5) and immlo (bits 30:29).
constexpr u32 with_adr(u32 insn, u64 immediate)
{
    return with_field(with_field(insn, immediate, 29, 2), immediate >> 2, 5, 19);
}

// ADD (immediate), and the unsigned offset of loads and stores, which counts units of the access size.
constexpr u32 with_imm12(u32 insn, u64 immediate) { return with_field(insn, immediate, 10, 12); }

// MOVZ, MOVN, MOVK: 16 bits.
constexpr u32 with_imm16(u32 insn, u64 immediate) { return with_field(insn, immediate, 5, 16); }

// MOVN (opc 00) and MOVZ (opc 10) differ in bit 30; bit 29 is clear in both.
constexpr u32 as_movz(u32 insn) { return (insn & ~(u32{3} << 29)) | (u32{1} << 30); }
constexpr u32 as_movn(u32 insn) { return insn & ~(u32{3} << 29); }

// ADRP turned into ADR of the same register.
constexpr u32 adrp_as_adr(u32 insn) { return insn & ~(u32{1} << 31); }

inline constexpr u32 insn_branch = 0x14000000;      // B .
inline constexpr u32 insn_bti_c = 0xd503245f;       // BTI C
inline constexpr u32 insn_movz_x16 = 0xd2800010;    // MOVZ X16, #0
inline constexpr u32 insn_movk_x16 = 0xf2800010;    // MOVK X16, #0
inline constexpr u32 insn_branch_x16 = 0xd61f0200;  // BR X16
inline constexpr u32 insn_trap = 0x00000000;        // UDF #0

// The hw field of MOVZ and MOVK: which 16 bits of the register.
constexpr u32 with_halfword(u32 insn, unsigned halfword) { return with_field(insn, halfword, 21, 2); }

}  // namespace tenon::arch::arm64
