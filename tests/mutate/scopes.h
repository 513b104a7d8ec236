#pragma once

#include <vector>

#include "tests/mutate/tokens.h"

namespace tenon::mutate {

inline constexpr usize nowhere = static_cast<usize>(-1);

// What the brackets of a source say about each token.
struct Scopes {
    std::vector<usize> partner;          // of a bracket: the other one; else `nowhere`
    std::vector<bool> in_function;       // inside a body
    std::vector<bool> may_be_constant;   // the compiler may need the value of what stands here
    std::vector<bool> for_compiler;      // the compiler alone evaluates it: constexpr variables, also those of functions, case, static_assert
    std::vector<bool> begins_statement;  // of a function
};

Scopes find_scopes(const std::vector<Token>& tokens);

}  // namespace tenon::mutate
