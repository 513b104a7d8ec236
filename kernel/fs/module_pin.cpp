#include "kernel/fs/module_pin.h"

#include <tenon/module.h>

namespace tenon {

Result<ModulePin> ModulePin::take(ModuleHandle* module)
{
    ModulePin pin;
    if (module == nullptr)
        return pin;
    if (!try_get(module))
        return fail(Errno::nodev);
    pin.module_ = module;
    return pin;
}

ModulePin::~ModulePin()
{
    if (module_ != nullptr)
        put(module_);
}

}  // namespace tenon
