#pragma once

#include <source_location>
#include <string_view>

#include <tenon/api.h>

// The end of the line for a broken invariant of our own. Never for anything that came from a file, a device or user
// space. The kernel defines it in kernel/debug/panic.cpp; host programs define it as abort with a message.

namespace tenon {

[[noreturn]] TENON_API void panic(std::string_view reason, std::source_location where = std::source_location::current());

inline void expect(bool invariant, std::string_view reason,
                   std::source_location where = std::source_location::current())
{
    if (!invariant) [[unlikely]]
        panic(reason, where);
}

}  // namespace tenon
