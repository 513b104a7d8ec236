#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/mutate/tokens.h"

namespace tenon::mutate {

enum class PointKind : u8 {
    constant,    // a literal
    binary,      // an operator between two operands
    assignment,  // += and its like
    unary,       // left out
    logic,       // && and ||
    condition,   // turned round
    statement,   // left out
};

// A place in a source that is changed, in one or several ways. Positions are indices of tokens, ends included.
struct Point {
    PointKind kind;
    usize token;        // that is replaced; of a condition or a statement its first
    usize first, last;  // what the change embraces
    std::string from;
    std::vector<std::string> to;
    u32 line = 0;
    u32 number = 0;  // of the first mutant; the others follow
    // Where the compiler may need its value: outside functions, or in something constexpr.
    bool may_be_constant = false;
    // The mutated copy with it does not compile.
    bool is_fixed = false;
};

// All points of a source in the order of its text, numbered from `number` on, which goes on behind the last.
std::vector<Point> find_points(const std::vector<Token>& tokens, u32& number);

}  // namespace tenon::mutate
