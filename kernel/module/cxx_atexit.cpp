#include "module/load/destructors.h"
#include <tenon/api.h>

extern "C" TENON_API int __cxa_atexit(void (*destructor)(void*), void* object, void* dso_handle)
{
    return tenon::modload::register_destructor(destructor, object, dso_handle);
}
