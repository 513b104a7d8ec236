#pragma once

#include "kernel/lib/ref.h"
#include "module/registry/module.h"

namespace tenon::modreg {

// While it lives the module's code and data stay, and removal waits. For what ends by itself: whoever keeps something of the module takes a
// ModuleReference, so that removal is refused.
class Visit : NoCopy {
public:
    // Errno::nodev when the module is on its way out.
    static Result<Visit> begin(Ref<Module> module)
    {
        if (!module->try_begin_visit())
            return fail(Errno::nodev);
        return Visit(std::move(module));
    }

    Visit(Visit&& other) noexcept : module_(std::move(other.module_)) {}
    ~Visit()
    {
        if (module_)
            module_->end_visit();
    }

private:
    explicit Visit(Ref<Module> module) : module_(std::move(module)) {}

    Ref<Module> module_;
};

}  // namespace tenon::modreg
