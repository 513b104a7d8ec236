#include "module/registry/module.h"

// Itanium C++ ABI 3.3.6.3: global objects register their destructors with the handle of what they belong to. In a module that handle
// holds the module's own pointer (include/tenon/module.h); the kernel's is null, and its objects are never destroyed.
extern "C" TENON_API int __cxa_atexit(void (*destructor)(void*), void* object, void* dso_handle)
{
    auto* const handle = *static_cast<tenon::ModuleHandle**>(dso_handle);
    if (handle == nullptr)
        return 0;
    auto* const module = static_cast<tenon::modreg::Module*>(handle);
    const tenon::Result<> result = module->add_destructor(destructor, object);
    if (result)
        return 0;
    module->refuse(result.error());
    return -1;
}
