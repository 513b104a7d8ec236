#pragma once

#include <span>

#include "kernel/lib/types.h"
#include "module/elf/format.h"

// The relocation types as the psABIs state them, written down apart from the relocators' own tables: what the generator aims with.

namespace tenon::test {

// What the addend must be for a value X that is wished for.
enum class Aim : u8 {
    absolute,  // X = S + A
    relative,  // X = S + A - P
    page,      // X = Page(S + A) - Page(P)
    size,      // X = Z + A
    entry,     // of the GOT: A is 0 on AArch64 and -4 on x86-64
    got_base,  // X = S + A - GOT
};

// The range of X.
enum class Fit : u8 {
    any,
    is_signed,    // of `bits` bits
    is_unsigned,  // of `bits` bits
    either,
};

// Who else knows the type. GNU ld is 2.40, LLVM lld 14.
enum class Known : u8 { nobody = 0, gnu = 1, lld = 2, both = 3 };

struct Kind {
    u32 type;
    Aim aim;
    Fit fit;
    u8 bits;
    u8 scale;  // X is a multiple of it
    Known known = Known::both;
    u32 instruction = 0;  // AArch64: at the place, 0 for data
    u8 width = 4;         // bytes at the place
    bool is_branch = false;
};

std::span<const Kind> kinds_of(elf::Machine machine);

}  // namespace tenon::test
