#pragma once

#include <array>
#include <string_view>

#include "kernel/lib/types.h"
#include "module/link/relocator.h"

// The relocation types of the System V ABI, AMD64 supplement 1.0, table 4.9, that relocatable objects carry: one line each, to be
// read beside the document's table.

namespace tenon::arch::x86 {

// P is the place, S the symbol, A the addend, Z the size of the symbol, GOT the start of the GOT, G the symbol's entry in it.
// PLT32's L is the symbol itself or a stub that jumps to it.
enum class Formula : u8 {
    no_value,
    absolute,       // S + A
    relative,       // S + A - P
    got_relative,   // S + A - GOT
    got_place,      // GOT + A - P
    slot_relative,  // G + GOT + A - P
    size,           // Z + A
};

// What X, the value of the formula, may be.
enum class Range : u8 {
    any,     // no check
    sign,    // sign-extends to X: -2^(bits - 1) <= X < 2^(bits - 1)
    zero,    // zero-extends to X: 0 <= X < 2^bits
    either,  // one of both
};

// What may be done when the value of a reference does not fit, or to spare the GOT entry.
enum class Detour : u8 {
    no_detour,
    call_stub,    // the place is the target of a call or jump: a stub
    code_stub,    // the same when the instruction before the place is one
    relax_plain,  // the load of a GOT entry becomes the address itself: psABI B.2, instruction without REX prefix
    relax_rex,    // with REX prefix
};

struct Row {
    u16 type;
    std::string_view name;
    Formula formula;
    Range range;
    u8 width;  // bytes at the place
    Detour detour = Detour::no_detour;
    modlink::Cell cell = modlink::Cell::none;
};

namespace row_words {
using enum Formula;
using enum Range;
using enum Detour;
using enum modlink::Cell;
}  // namespace row_words

inline constexpr auto rows = [] {
    using namespace row_words;
    return std::to_array<Row>({
        {0, "R_X86_64_NONE", no_value, any, 0},
        {1, "R_X86_64_64", absolute, any, 8},
        {2, "R_X86_64_PC32", relative, sign, 4, code_stub, stub},
        {4, "R_X86_64_PLT32", relative, sign, 4, call_stub, stub},
        {9, "R_X86_64_GOTPCREL", slot_relative, sign, 4, no_detour, slot},
        {10, "R_X86_64_32", absolute, zero, 4},
        {11, "R_X86_64_32S", absolute, sign, 4},
        {12, "R_X86_64_16", absolute, either, 2},
        {13, "R_X86_64_PC16", relative, sign, 2},
        {14, "R_X86_64_8", absolute, either, 1},
        {15, "R_X86_64_PC8", relative, sign, 1},
        {24, "R_X86_64_PC64", relative, any, 8},
        {25, "R_X86_64_GOTOFF64", got_relative, any, 8, no_detour, got_base},
        {26, "R_X86_64_GOTPC32", got_place, sign, 4, no_detour, got_base},
        {29, "R_X86_64_GOTPC64", got_place, any, 8, no_detour, got_base},
        {32, "R_X86_64_SIZE32", size, zero, 4},
        {33, "R_X86_64_SIZE64", size, any, 8},
        {41, "R_X86_64_GOTPCRELX", slot_relative, sign, 4, relax_plain, slot},
        {42, "R_X86_64_REX_GOTPCRELX", slot_relative, sign, 4, relax_rex, slot},
    });
}();

}  // namespace tenon::arch::x86
