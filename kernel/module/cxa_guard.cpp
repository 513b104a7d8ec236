#include "module/load/static_guard.h"
#include <tenon/api.h>

// What compiled modules call around the construction of function-local statics.

extern "C" TENON_API int __cxa_guard_acquire(tenon::u64* guard)
{
    return tenon::modload::acquire_guard(*guard) ? 1 : 0;
}

extern "C" TENON_API void __cxa_guard_release(tenon::u64* guard)
{
    tenon::modload::release_guard(*guard);
}

extern "C" TENON_API void __cxa_guard_abort(tenon::u64* guard)
{
    tenon::modload::abort_guard(*guard);
}
