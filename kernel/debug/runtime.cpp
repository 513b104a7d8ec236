// What compiled code and the C libraries that are linked in expect of a language runtime.

#include <cstddef>
#include <new>

#include "kernel/lib/panic.h"
#include <tenon/api.h>

namespace boost {

void assertion_failed(char const* expression, char const*, char const*, long)
{
    tenon::panic(expression);
}

}  // namespace boost

namespace std {

const nothrow_t nothrow{};

TENON_API void __glibcxx_assert_fail(const char*, int, const char*, const char* condition) noexcept
{
    tenon::panic(condition == nullptr ? "library assertion" : condition);
}

TENON_API void __throw_out_of_range_fmt(const char* format, ...)
{
    tenon::panic(format);
}

TENON_API void __throw_length_error(const char* what)
{
    tenon::panic(what);
}

TENON_API void __throw_logic_error(const char* what)
{
    tenon::panic(what);
}

}  // namespace std

extern "C" {

void* __dso_handle = nullptr;

TENON_API void __cxa_pure_virtual()
{
    tenon::panic("pure virtual function called");
}

// Asked by libgcc's start-up code for atomics that choose their instructions at run time: nothing is known, use the basic ones.
unsigned long __getauxval(unsigned long)
{
    return 0;
}

[[noreturn]] TENON_API void abort()
{
    tenon::panic("abort");
}

[[noreturn]] TENON_API void __assert_fail(const char* assertion, const char*, unsigned, const char*)
{
    tenon::panic(assertion);
}

}  // extern "C"
