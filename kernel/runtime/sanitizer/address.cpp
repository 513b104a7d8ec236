// What code that was compiled with -fsanitize=kernel-address calls (libsanitizer's asan_interface_internal.h has the names and the layout of
// Global).

#include <span>

#include "kernel/runtime/sanitizer/report.h"
#include "kernel/runtime/stack_size.h"
#include <tenon/api.h>

using namespace tenon;

namespace {

struct Global {
    const void* start;
    usize size;
    usize size_with_redzone;
    const char* name;
    const char* module_name;
    usize has_dynamic_init;
    const void* location;
    usize odr_indicator;
};

constexpr u8 global_mark = 0xf9;

}  // namespace

#define TENON_CHECKED(name, size, access)                                                                                     \
    TENON_API void name(u64 address)                                                                                          \
    {                                                                                                                         \
        shadow::check_access(address, size, shadow::Access::access, reinterpret_cast<u64>(__builtin_return_address(0)));        \
    }
// The reports are made where a check has found something already: looking once more finds the byte.
#define TENON_CHECKED_SIZE(size)                              \
    TENON_CHECKED(__asan_load##size##_noabort, size, read)           \
    TENON_CHECKED(__asan_store##size##_noabort, size, write)         \
    TENON_CHECKED(__asan_report_load##size##_noabort, size, read)    \
    TENON_CHECKED(__asan_report_store##size##_noabort, size, write)
#define TENON_CHECKED_ANY(name, access)                                                                                       \
    TENON_API void name(u64 address, usize size)                                                                              \
    {                                                                                                                         \
        shadow::check_access(address, size, shadow::Access::access, reinterpret_cast<u64>(__builtin_return_address(0)));        \
    }

extern "C" {

TENON_CHECKED_SIZE(1)
TENON_CHECKED_SIZE(2)
TENON_CHECKED_SIZE(4)
TENON_CHECKED_SIZE(8)
TENON_CHECKED_SIZE(16)
TENON_CHECKED_ANY(__asan_loadN_noabort, read)
TENON_CHECKED_ANY(__asan_storeN_noabort, write)
TENON_CHECKED_ANY(__asan_report_load_n_noabort, read)
TENON_CHECKED_ANY(__asan_report_store_n_noabort, write)

// Frames that are left without their end (a thread that goes to user space, or ends) take their marks with them.
TENON_API void __asan_handle_no_return()
{
    const u64 here = reinterpret_cast<u64>(__builtin_frame_address(0));
    const u64 end = (here / kernel_stack_size + 1) * kernel_stack_size;
    shadow::unpoison(reinterpret_cast<const void*>(here), end - here);
}

TENON_API void __asan_register_globals(const Global* first, usize count)
{
    for (const Global& global : std::span(first, count)) {
        const auto* const start = static_cast<const std::byte*>(global.start);
        const usize used = (global.size + 7) / 8 * 8;
        shadow::unpoison(start, global.size);
        shadow::poison(start + used, global.size_with_redzone - used, static_cast<shadow::Mark>(global_mark));
    }
}

TENON_API void __asan_unregister_globals(const Global* first, usize count)
{
    for (const Global& global : std::span(first, count))
        shadow::unpoison(global.start, global.size_with_redzone);
}

TENON_API void __asan_before_dynamic_init(const char*) {}
TENON_API void __asan_after_dynamic_init() {}

}  // extern "C"
