#pragma once

#include "kernel/lib/types.h"

// Which bytes of memory may be used, in the debug kernel (`make DEBUG=1`): GCC's -fsanitize=kernel-address asks before each access. In the
// ordinary kernel nothing is kept, and these functions are empty. Every context; no locks.

namespace tenon::shadow {

#ifdef TENON_DEBUG
constexpr bool is_kept = true;
#else
constexpr bool is_kept = false;
#endif

// Why memory may not be used. Compiled code has marks of its own for what is around variables (libsanitizer's asan_internal.h).
enum class Mark : u8 {
    free_pages = 0xff,
    heap_redzone = 0xfc,
    heap_freed = 0xfb,
    module_redzone = 0xf7,
    module_freed = 0xf6,
};

enum class Access : bool { read, write };

#ifdef TENON_DEBUG
// Multiples of 8 bytes.
void poison(const void* start, usize size, Mark mark);
// The first `size` bytes may be used; of the last 8 those behind them may not.
void unpoison(const void* start, usize size);
// For accesses that no instrumented code makes; reports what is not allowed.
void check(const void* start, usize size, Access access);
// Reports are made from here on.
void start();
#else
inline void poison(const void*, usize, Mark) {}
inline void unpoison(const void*, usize) {}
inline void check(const void*, usize, Access) {}
inline void start() {}
#endif

}  // namespace tenon::shadow
