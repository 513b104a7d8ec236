#pragma once

#include <memory>
#include <span>

#include "tests/support/got.h"
#include "tests/support/one_fixup.h"

// Every relocation type of AArch64 with the numbers of AAELF64's tables, written down here once more: a mistake in the relocator's own table
// does not repeat itself.

namespace tenon::arch::arm64 {

// X, the value of the type's formula.
enum class X {
    absolute,           // S + A
    relative,           // S + A - P
    pages,              // Page(S + A) - Page(P)
    got_relative,       // S + A - GOT
    entry,              // GDAT(S + A)
    entry_relative,     // GDAT(S + A) - P
    entry_pages,        // Page(GDAT(S + A)) - Page(P)
    entry_offset,       // GDAT(S + A) - GOT
    entry_page_offset,  // GDAT(S + A) - Page(GOT)
};

// Where X goes.
enum class Store {
    data,
    imm26,        // bits 27:2 of X
    imm19,        // bits 20:2
    imm14,        // bits 15:2
    adr,          // bits 20:0
    adrp,         // bits 32:12
    low12,        // bits 11:`low`
    low15,        // bits 14:3
    move,         // 16 bits from `low` on
    move_signed,  // the same, of X or of ~X, with MOVZ or MOVN
};

inline constexpr i64 unchecked = INT64_MIN;

struct Edge {
    u32 type;
    X x;
    Store store;
    unsigned low;    // lowest bit that is stored; bytes for data
    i64 minimum;     // `unchecked`: every value is taken
    i64 maximum;     // the largest multiple of `step`
    i64 step = 1;    // X must be a multiple
    u32 insn = 0;

    bool checked() const { return minimum != unchecked; }
    bool is_data() const { return store == Store::data; }
    // Whether X can be no multiple of `step`: pages are counted whole, and the addresses of GOT entries are multiples of 8.
    bool can_be_misaligned() const { return x != X::pages && x != X::entry_pages && x != X::entry && x != X::entry_page_offset; }
    bool uses_entry() const { return x >= X::entry; }
};

std::span<const Edge> edges();

// The fixup whose X is `x`, on an instruction of choice.
class EdgeFixup : public test::OneFixup {
public:
    EdgeFixup(const Edge& edge, i64 x, u32 insn);

    // The section as the document says that it must be afterwards.
    decltype(section) expected() const;
    // What the GOT entry must hold, and does.
    u64 target() const { return symbol + static_cast<u64>(addend); }
    u64 entry() const { return got_->entry(); }

private:
    const Edge& edge_;
    i64 x_;
    std::unique_ptr<test::Got> got_;
};

}  // namespace tenon::arch::arm64
