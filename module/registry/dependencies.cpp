#include "module/registry/dependencies.h"

#include <algorithm>
#include <new>
#include <utility>

#include "module/registry/module.h"

namespace tenon::modreg {

Dependencies::Dependencies(Dependencies&& other) noexcept
    : holders_(std::move(other.holders_)), count_(std::exchange(other.count_, 0)), capacity_(std::exchange(other.capacity_, 0))
{
}

Dependencies& Dependencies::operator=(Dependencies&& other) noexcept
{
    std::swap(holders_, other.holders_);
    std::swap(count_, other.count_);
    std::swap(capacity_, other.capacity_);
    return *this;
}

Dependencies::~Dependencies()
{
    for (u32 index = 0; index < count_; ++index)
        ModuleHandle::let_go(holders_[index]);
}

Result<> Dependencies::add(Module& module, std::string_view user)
{
    if (count_ == capacity_) {
        const u32 capacity = capacity_ == 0 ? 4 : capacity_ * 2;
        std::unique_ptr<Holder*[]> holders(new (std::nothrow) Holder*[capacity]);
        if (!holders)
            return fail(Errno::nomem);
        std::copy_n(holders_.get(), count_, holders.get());
        holders_ = std::move(holders);
        capacity_ = capacity;
    }
    holders_[count_] = TRY(module.name_reference(HolderKind::module, user));
    ++count_;
    return {};
}

bool Dependencies::contains(const Module& module) const
{
    return std::any_of(holders_.get(), holders_.get() + count_, [&](const Holder* holder) { return holder->module == &module; });
}

}  // namespace tenon::modreg
