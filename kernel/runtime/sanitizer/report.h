#pragma once

#include <string_view>

#include "kernel/runtime/sanitizer/trace.h"
#include "kernel/runtime/shadow.h"

// Where what the compiler's checks find is said: kernel/debug/sanitizer. Nothing ends because of a report.

namespace tenon::shadow {

struct BadAccess {
    u64 start;
    usize size;
    u64 bad;  // the first byte that may not be used
    Access access;
    u8 mark;  // the shadow's value there
    u64 caller;
};

void report_access(const BadAccess& access);
// A pointer that was given to be freed and is no allocation, or one no more.
void report_free(const void* pointer, std::string_view what, u64 caller);
// Live objects, when the code of the module that allocated them goes.
void report_leak(std::string_view module, const TraceUse& use);
void report_undefined(std::string_view what, std::string_view file, u32 line, u64 caller);
// As check(), for callers that name whose access it is.
void check_access(u64 start, usize size, Access access, u64 caller);

}  // namespace tenon::shadow
