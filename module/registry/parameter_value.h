#pragma once

#include <string_view>

#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include <tenon/parameter.h>

namespace tenon::modreg {

// One number or truth value of a parameter, at `target`. Not for charp, string and custom kinds.
//
// `text`: digits with an optional sign for signed kinds, 0x or 0 in front for base 16 or 8; or a word for yes or no, of which only the
// beginning counts. Errno::inval for what is neither, range for a number that the type does not hold; then the target is unchanged.
Result<> store_value(ParameterKind kind, void* target, std::string_view text);
void print_value(ParameterKind kind, const void* target, TextSink& out);
usize value_size(ParameterKind kind);

}  // namespace tenon::modreg
