#pragma once

#include <utility>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"

namespace tenon {

class ModuleHandle;

// Keeps the owner of a registration loaded. A null handle stands for the kernel, which always stays.
class ModulePin : NoCopy {
public:
    // Errno::nodev when the module is on its way out.
    static Result<ModulePin> take(ModuleHandle* module);
    ModulePin() = default;
    ModulePin(ModulePin&& other) noexcept : module_(std::exchange(other.module_, nullptr)) {}
    ModulePin& operator=(ModulePin&& other) noexcept
    {
        std::swap(module_, other.module_);
        return *this;
    }
    ~ModulePin();

private:
    ModuleHandle* module_ = nullptr;
};

}  // namespace tenon
