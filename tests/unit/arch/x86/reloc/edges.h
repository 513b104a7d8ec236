#pragma once

#include <memory>
#include <span>

#include "tests/support/got.h"
#include "tests/support/one_fixup.h"

// Every relocation type of x86-64 with the numbers of the psABI's table, written down here once more.

namespace tenon::arch::x86 {

// X, the value of the type's formula.
enum class X {
    absolute,        // S + A
    relative,        // S + A - P
    got_relative,    // S + A - GOT
    got_place,       // GOT + A - P
    entry_relative,  // G + GOT + A - P
    size,            // Z + A
};

inline constexpr i64 unchecked = INT64_MIN;

struct Edge {
    u32 type;
    X x;
    unsigned bytes;
    i64 minimum;  // `unchecked`: every value is taken
    i64 maximum;

    bool checked() const { return minimum != unchecked; }
};

std::span<const Edge> edges();

// The fixup whose X is `x`. What stands before the place is no instruction that may be relaxed.
class EdgeFixup : public test::OneFixup {
public:
    EdgeFixup(const Edge& edge, i64 x);

    // The section as the document says that it must be afterwards.
    decltype(section) expected() const;
    u64 entry() const { return got_->entry(); }

private:
    const Edge& edge_;
    i64 x_;
    std::unique_ptr<test::Got> got_;
};

}  // namespace tenon::arch::x86
