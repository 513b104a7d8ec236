// What code that was compiled with those parts of -fsanitize=undefined calls that mk/kernel.mk names (libsanitizer's ubsan_handlers.h has the
// names). All that is read of what is passed is the place in the source, with which the descriptions begin.

#include "kernel/runtime/sanitizer/report.h"
#include <tenon/api.h>

using namespace tenon;

namespace {

struct SourceLocation {
    const char* file;
    u32 line;
    u32 column;
};

}  // namespace

#define TENON_UNDEFINED(name, what, ...)                                                                              \
    TENON_API void __ubsan_handle_##name(const SourceLocation* where __VA_OPT__(, ) __VA_ARGS__)                        \
    {                                                                                                                 \
        shadow::report_undefined(what, where->file, where->line, reinterpret_cast<u64>(__builtin_return_address(0)));   \
    }

extern "C" {

TENON_UNDEFINED(add_overflow, "signed addition overflows", const void*, const void*)
TENON_UNDEFINED(sub_overflow, "signed subtraction overflows", const void*, const void*)
TENON_UNDEFINED(mul_overflow, "signed multiplication overflows", const void*, const void*)
TENON_UNDEFINED(negate_overflow, "negation overflows", const void*)
TENON_UNDEFINED(divrem_overflow, "division by zero or overflow", const void*, const void*)
TENON_UNDEFINED(shift_out_of_bounds, "shift out of bounds", const void*, const void*)
TENON_UNDEFINED(out_of_bounds, "array index out of bounds", const void*)
TENON_UNDEFINED(type_mismatch_v1, "misaligned or null pointer used", const void*)
TENON_UNDEFINED(load_invalid_value, "value that its type does not have", const void*)
TENON_UNDEFINED(vla_bound_not_positive, "array of no or negative size", const void*)
TENON_UNDEFINED(builtin_unreachable, "unreachable code reached")
TENON_UNDEFINED(missing_return, "function ends without a value")

}  // extern "C"
