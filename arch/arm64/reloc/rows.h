#pragma once

#include <array>
#include <string_view>

#include "kernel/lib/types.h"
#include "module/link/relocator.h"

// The static relocation types of AAELF64 (ELF for the Arm 64-bit Architecture, 2023Q3, "Relocation"): one line each, to be
// read beside the document's tables.

namespace tenon::arch::arm64 {

// P is the place, S the symbol, A the addend, Page(x) = x & ~0xfff, GDAT(x) the GOT entry for x, GOT the start of the GOT.
enum class Formula : u8 {
    no_value,
    absolute,          // S + A
    relative,          // S + A - P
    page_relative,     // Page(S + A) - Page(P)
    got_relative,      // S + A - GOT
    slot_relative,     // GDAT(S + A) - P
    slot_page,         // Page(GDAT(S + A)) - Page(P)
    slot_address,      // GDAT(S + A)
    slot_offset,       // GDAT(S + A) - GOT
    slot_page_offset,  // GDAT(S + A) - Page(GOT)
};

// What X, the value of the formula, may be.
enum class Range : u8 {
    any,        // no check
    two_sided,  // -2^bits <= X < 2^bits
    either,     // -2^(bits - 1) <= X < 2^bits: fits the field signed or unsigned
    positive,   // 0 <= X < 2^bits
};

enum class Field : u8 {
    no_field,
    data,        // `width` bytes of data
    mov,         // MOVZ or MOVK: 16 bits from bit `shift` on
    mov_signed,  // MOVZ or MOVN by the sign of X: 16 bits from bit `shift` on
    adr,         // ADR: bits 20:0
    adrp,        // ADRP: bits 32:12
    imm12,       // ADD, load or store: bits 11:shift
    got_imm12,   // load of a GOT entry: bits 14:shift
    word19,      // LDR (literal), B.cond, CBZ: bits 20:2
    word14,      // TBZ: bits 15:2
    branch26,    // B, BL: bits 27:2
};

struct Row {
    u16 type;
    std::string_view name;
    Formula formula;
    Range range;
    u8 bits;
    Field field;
    u8 width;           // bytes at the place
    u8 shift = 0;       // lowest bit of X that the field holds; the bits below must be zero where the ABI asks for it
    bool scaled = false;  // the ABI asks for it
    modlink::Cell cell = modlink::Cell::none;
};

namespace row_words {
using enum Formula;
using enum Range;
using enum Field;
using enum modlink::Cell;
inline constexpr bool scaled = true;
inline constexpr bool unscaled = false;
}  // namespace row_words

inline constexpr auto rows = [] {
    using namespace row_words;
    return std::to_array<Row>({
        {0, "R_AARCH64_NONE", no_value, any, 0, no_field, 0},
        {256, "R_AARCH64_NONE", no_value, any, 0, no_field, 0},

        // Data.
        {257, "R_AARCH64_ABS64", absolute, any, 64, data, 8},
        {258, "R_AARCH64_ABS32", absolute, either, 32, data, 4},
        {259, "R_AARCH64_ABS16", absolute, either, 16, data, 2},
        {260, "R_AARCH64_PREL64", relative, any, 64, data, 8},
        {261, "R_AARCH64_PREL32", relative, either, 32, data, 4},
        {262, "R_AARCH64_PREL16", relative, either, 16, data, 2},
        {314, "R_AARCH64_PLT32", relative, two_sided, 31, data, 4, 0, unscaled, stub},
        {307, "R_AARCH64_GOTREL64", got_relative, any, 64, data, 8, 0, unscaled, got_base},
        {308, "R_AARCH64_GOTREL32", got_relative, two_sided, 31, data, 4, 0, unscaled, got_base},
        {315, "R_AARCH64_GOTPCREL32", slot_relative, two_sided, 31, data, 4, 0, unscaled, slot},

        // Groups of MOVZ, MOVK, MOVN.
        {263, "R_AARCH64_MOVW_UABS_G0", absolute, positive, 16, mov, 4, 0},
        {264, "R_AARCH64_MOVW_UABS_G0_NC", absolute, any, 64, mov, 4, 0},
        {265, "R_AARCH64_MOVW_UABS_G1", absolute, positive, 32, mov, 4, 16},
        {266, "R_AARCH64_MOVW_UABS_G1_NC", absolute, any, 64, mov, 4, 16},
        {267, "R_AARCH64_MOVW_UABS_G2", absolute, positive, 48, mov, 4, 32},
        {268, "R_AARCH64_MOVW_UABS_G2_NC", absolute, any, 64, mov, 4, 32},
        {269, "R_AARCH64_MOVW_UABS_G3", absolute, any, 64, mov, 4, 48},
        {270, "R_AARCH64_MOVW_SABS_G0", absolute, two_sided, 16, mov_signed, 4, 0},
        {271, "R_AARCH64_MOVW_SABS_G1", absolute, two_sided, 32, mov_signed, 4, 16},
        {272, "R_AARCH64_MOVW_SABS_G2", absolute, two_sided, 48, mov_signed, 4, 32},
        {287, "R_AARCH64_MOVW_PREL_G0", relative, two_sided, 16, mov_signed, 4, 0},
        {288, "R_AARCH64_MOVW_PREL_G0_NC", relative, any, 64, mov, 4, 0},
        {289, "R_AARCH64_MOVW_PREL_G1", relative, two_sided, 32, mov_signed, 4, 16},
        {290, "R_AARCH64_MOVW_PREL_G1_NC", relative, any, 64, mov, 4, 16},
        {291, "R_AARCH64_MOVW_PREL_G2", relative, two_sided, 48, mov_signed, 4, 32},
        {292, "R_AARCH64_MOVW_PREL_G2_NC", relative, any, 64, mov, 4, 32},
        {293, "R_AARCH64_MOVW_PREL_G3", relative, any, 64, mov_signed, 4, 48},
        {300, "R_AARCH64_MOVW_GOTOFF_G0", slot_offset, two_sided, 16, mov_signed, 4, 0, unscaled, slot},
        {301, "R_AARCH64_MOVW_GOTOFF_G0_NC", slot_offset, any, 64, mov, 4, 0, unscaled, slot},
        {302, "R_AARCH64_MOVW_GOTOFF_G1", slot_offset, two_sided, 32, mov_signed, 4, 16, unscaled, slot},
        {303, "R_AARCH64_MOVW_GOTOFF_G1_NC", slot_offset, any, 64, mov, 4, 16, unscaled, slot},
        {304, "R_AARCH64_MOVW_GOTOFF_G2", slot_offset, two_sided, 48, mov_signed, 4, 32, unscaled, slot},
        {305, "R_AARCH64_MOVW_GOTOFF_G2_NC", slot_offset, any, 64, mov, 4, 32, unscaled, slot},
        {306, "R_AARCH64_MOVW_GOTOFF_G3", slot_offset, any, 64, mov_signed, 4, 48, unscaled, slot},

        // Addresses.
        {273, "R_AARCH64_LD_PREL_LO19", relative, two_sided, 20, word19, 4, 2, scaled},
        {274, "R_AARCH64_ADR_PREL_LO21", relative, two_sided, 20, adr, 4},
        {275, "R_AARCH64_ADR_PREL_PG_HI21", page_relative, two_sided, 32, adrp, 4, 12, unscaled, page},
        {276, "R_AARCH64_ADR_PREL_PG_HI21_NC", page_relative, any, 64, adrp, 4, 12, unscaled, page},
        {277, "R_AARCH64_ADD_ABS_LO12_NC", absolute, any, 64, imm12, 4},
        {278, "R_AARCH64_LDST8_ABS_LO12_NC", absolute, any, 64, imm12, 4},
        {284, "R_AARCH64_LDST16_ABS_LO12_NC", absolute, any, 64, imm12, 4, 1, scaled},
        {285, "R_AARCH64_LDST32_ABS_LO12_NC", absolute, any, 64, imm12, 4, 2, scaled},
        {286, "R_AARCH64_LDST64_ABS_LO12_NC", absolute, any, 64, imm12, 4, 3, scaled},
        {299, "R_AARCH64_LDST128_ABS_LO12_NC", absolute, any, 64, imm12, 4, 4, scaled},

        // Branches.
        {279, "R_AARCH64_TSTBR14", relative, two_sided, 15, word14, 4, 2, scaled},
        {280, "R_AARCH64_CONDBR19", relative, two_sided, 20, word19, 4, 2, scaled},
        {282, "R_AARCH64_JUMP26", relative, two_sided, 27, branch26, 4, 2, scaled, stub},
        {283, "R_AARCH64_CALL26", relative, two_sided, 27, branch26, 4, 2, scaled, stub},

        // GOT entries.
        {309, "R_AARCH64_GOT_LD_PREL19", slot_relative, two_sided, 20, word19, 4, 2, scaled, slot},
        {310, "R_AARCH64_LD64_GOTOFF_LO15", slot_offset, positive, 15, got_imm12, 4, 3, scaled, slot},
        {311, "R_AARCH64_ADR_GOT_PAGE", slot_page, two_sided, 32, adrp, 4, 12, unscaled, slot_and_page},
        {312, "R_AARCH64_LD64_GOT_LO12_NC", slot_address, any, 64, imm12, 4, 3, scaled, slot},
        {313, "R_AARCH64_LD64_GOTPAGE_LO15", slot_page_offset, positive, 15, got_imm12, 4, 3, scaled, slot},
    });
}();

}  // namespace tenon::arch::arm64
