#include "module/registry/dependencies.h"

#include <algorithm>
#include <new>
#include <utility>

#include "module/registry/module.h"

namespace tenon::modreg {

Dependencies::Dependencies(Dependencies&& other) noexcept
    : modules_(std::move(other.modules_)), count_(std::exchange(other.count_, 0)), capacity_(std::exchange(other.capacity_, 0))
{
}

Dependencies& Dependencies::operator=(Dependencies&& other) noexcept
{
    std::swap(modules_, other.modules_);
    std::swap(count_, other.count_);
    std::swap(capacity_, other.capacity_);
    return *this;
}

Dependencies::~Dependencies()
{
    for (Module* const module : modules())
        module->put_reference();
}

Result<> Dependencies::add(Module& module)
{
    if (count_ == capacity_) {
        const u32 capacity = capacity_ == 0 ? 4 : capacity_ * 2;
        std::unique_ptr<Module*[]> modules(new (std::nothrow) Module*[capacity]);
        if (!modules)
            return fail(Errno::nomem);
        std::copy_n(modules_.get(), count_, modules.get());
        modules_ = std::move(modules);
        capacity_ = capacity;
    }
    modules_[count_++] = &module;
    return {};
}

bool Dependencies::contains(const Module& module) const
{
    return std::find(modules().begin(), modules().end(), &module) != modules().end();
}

}  // namespace tenon::modreg
