#pragma once

#include <array>
#include <optional>
#include <span>

#include "kernel/lib/types.h"

namespace tenon::test {

// Where another linker may rightly write other bytes than we do. Everything else must be equal to the bit.
enum class Reason : u8 {
    got_order,   // the entries of the GOT stand in another order (GNU ld: by its hash table; we: by the order of references)
    immediate,   // x86-64: GNU ld makes MOV r, imm32 out of a load from the GOT, we LEA r, [rip + disp32], or leave the load of an undefined
                 // weak symbol's 0; psABI B.2 allows each
    no_op,       // AArch64: GNU ld makes a NOP out of a call of an undefined weak symbol, we a call of the next instruction; AAELF64 allows both
    movn,        // AArch64: lld fills R_AARCH64_MOVW_PREL_G3 into MOVZ where AAELF64 says MOVN for negative values; the same once the MOVKs follow
    direct,      // x86-64: GNU ld makes LEA out of a load from the GOT that is marked plain GOTPCREL, where psABI B.2 is about the marked ones, and
                 // direct branches out of indirect ones to an undefined weak symbol
    operand,     // x86-64: arithmetic on a GOT entry in one and on an immediate in the other; psABI B.2 allows both
};
inline constexpr usize reason_count = 6;

// The GOT of one of the two results.
struct GotView {
    u64 address = 0;
    std::span<const std::byte> bytes;
};

// A relocated place in one of the two results: the section's bytes, where it stands, and the place in it.
struct PlaceView {
    std::span<const std::byte> section;
    u64 section_address;
    u64 offset;
    GotView got;
};

// Bytes around a place, [start, end) of the section.
struct Explanation {
    Reason reason;
    u64 start;
    u64 end;
};

// Why the place differs although both do the same: each bit of the bytes named has been accounted for. Nothing when it does not differ, or
// differs in any other way.
std::optional<Explanation> explain(u32 machine, u32 type, const PlaceView& ours, const PlaceView& theirs);

}  // namespace tenon::test
