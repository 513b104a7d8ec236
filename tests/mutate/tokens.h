#pragma once

#include <string_view>
#include <vector>

#include "kernel/lib/types.h"

namespace tenon::mutate {

enum class TokenKind : u8 { word, number, character, string, punctuation };

// One token of a C++ source. Comments and preprocessor directives are none.
struct Token {
    TokenKind kind;
    std::string_view text;  // in the source
    usize offset;           // of the text in the source
    u32 line;               // from 1
    bool spaced_before = false;
    bool spaced_after = false;

    bool is(std::string_view wanted) const { return text == wanted; }
    usize end() const { return offset + text.size(); }
};

// The tokens refer to `source`. Templates' `>>` is one token, as in C++98; whoever needs the difference looks at the spaces.
std::vector<Token> tokenize(std::string_view source);

}  // namespace tenon::mutate
