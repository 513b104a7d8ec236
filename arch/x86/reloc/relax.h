#pragma once

#include <array>
#include <optional>

#include "kernel/lib/bits.h"
#include "kernel/lib/types.h"

// Relaxation of GOTPCRELX and REX_GOTPCRELX (psABI AMD64 1.0, B.2 "Optimize GOTPCRELX Relocations"): an instruction that loads an
// address from the GOT becomes one that holds it as displacement or immediate, and the load is saved.

namespace tenon::arch::x86 {

enum class Rex : u8 { no, yes };

// An instruction around the place of a GOTPCRELX relocation. `prefix` is the REX byte; without REX it is whatever stands there.
struct GotLoad {
    u8 prefix;
    u8 opcode;
    u8 modrm;
    Rex rex;
};

// What replaces it. The 32-bit field stands at the place, or one byte earlier with a NOP behind it.
struct Relaxed {
    u8 prefix;
    u8 opcode;
    u8 modrm;
    u32 field;
    bool field_early = false;
};

inline constexpr u8 rex_w = 0x08;
inline constexpr u8 rex_r = 0x04;
inline constexpr u8 rex_b = 0x01;

// The register field of ModRM moves from `reg` to `rm` when the memory operand becomes an immediate; its REX bit goes along.
constexpr u8 register_as_rm(u8 modrm, u8 extension)
{
    return static_cast<u8>(0xc0 | (extension << 3) | ((modrm >> 3) & 7));
}

constexpr u8 rex_as_rm(u8 prefix)
{
    return static_cast<u8>((prefix & ~(rex_r | rex_b)) | ((prefix & rex_r) != 0 ? rex_b : 0));
}

// TEST and the eight arithmetic operations with an immediate in place of the GOT entry.
constexpr std::optional<Relaxed> relax_to_immediate(const GotLoad& load, u64 address)
{
    // With REX.W the processor sign-extends the immediate to 64 bits; without, the operation has 32 bits.
    const bool wide = load.rex == Rex::yes && (load.prefix & rex_w) != 0;
    if (wide ? !fits_signed(static_cast<i64>(address), 32) : !fits_unsigned(address, 32))
        return std::nullopt;
    const u8 prefix = load.rex == Rex::yes ? rex_as_rm(load.prefix) : load.prefix;
    const u32 field = static_cast<u32>(address);
    if (load.opcode == 0x8b)  // MOV r, m -> MOV r, imm32
        return Relaxed{prefix, 0xc7, register_as_rm(load.modrm, 0), field};
    if (load.opcode == 0x85)  // TEST m, r -> TEST r, imm32
        return Relaxed{prefix, 0xf7, register_as_rm(load.modrm, 0), field};
    if ((load.opcode & 0xc7) == 0x03)  // ADD, OR, ADC, SBB, AND, SUB, XOR, CMP r, m -> the same r, imm32
        return Relaxed{prefix, 0x81, register_as_rm(load.modrm, static_cast<u8>(load.opcode >> 3)), field};
    return std::nullopt;
}

// `address` is S, with A = -4; `place` is P. Nothing when the instruction is none of the ABI's list or the address does not fit.
constexpr std::optional<Relaxed> relax(const GotLoad& load, u64 address, u64 place)
{
    const i64 displacement = static_cast<i64>(address - 4 - place);
    const bool reachable = fits_signed(displacement, 32);
    if (load.opcode == 0xff && load.rex == Rex::no) {
        if (load.modrm == 0x15 && reachable)  // CALL *m -> addr32 CALL rel32
            return Relaxed{load.prefix, 0x67, 0xe8, static_cast<u32>(displacement)};
        if (load.modrm == 0x25 && fits_signed(displacement + 1, 32))  // JMP *m -> JMP rel32; NOP
            return Relaxed{load.prefix, 0xe9, 0, static_cast<u32>(displacement + 1), true};
        return std::nullopt;
    }
    if ((load.modrm & 0xc7) != 0x05)  // not relative to RIP
        return std::nullopt;
    if (load.opcode == 0x8b && reachable)  // MOV r, m -> LEA r, m
        return Relaxed{load.prefix, 0x8d, load.modrm, static_cast<u32>(displacement)};
    return relax_to_immediate(load, address);
}

}  // namespace tenon::arch::x86
