#include "module/load/destructors.h"

#include "module/registry/module.h"

namespace tenon::modload {

int register_destructor(void (*destructor)(void*), void* object, void* dso_handle)
{
    auto* const handle = *static_cast<ModuleHandle**>(dso_handle);
    if (handle == nullptr)
        return 0;
    auto* const module = static_cast<modreg::Module*>(handle);
    const Result<> result = module->add_destructor(destructor, object);
    if (result)
        return 0;
    module->refuse(result.error());
    return -1;
}

}  // namespace tenon::modload
