#include <tenon/page.h>

#include <utility>

#include "kernel/mm/frames.h"
#include "kernel/mm/layout.h"

namespace tenon {

Result<PageRef> PageRef::allocate_zeroed()
{
    const PhysAddr frame = TRY(frames::allocate(0, frames::Zeroed::yes));
    return adopt(frame);
}

PageRef PageRef::adopt(PhysAddr address)
{
    PageRef page;
    page.address_ = address;
    return page;
}

PageRef::PageRef(const PageRef& other) : address_(other.address_)
{
    if (*this)
        frames::acquire(address_);
}

PageRef::PageRef(PageRef&& other) noexcept : address_(other.leak()) {}

PageRef& PageRef::operator=(PageRef other) noexcept
{
    std::swap(address_, other.address_);
    return *this;
}

PageRef::~PageRef()
{
    if (*this)
        frames::release(address_);
}

std::span<std::byte> PageRef::bytes() const
{
    return {layout::linear(address_).pointer(), page_size};
}

bool PageRef::is_shared() const
{
    return frames::reference_count(address_) > 1;
}

PhysAddr PageRef::leak()
{
    return std::exchange(address_, PhysAddr());
}

}  // namespace tenon
