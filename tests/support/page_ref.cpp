#include <tenon/page.h>

// Host tests pass results with pages around but never hold a frame.

namespace tenon {

PageRef::PageRef(const PageRef& other) = default;
PageRef::PageRef(PageRef&& other) noexcept = default;
PageRef& PageRef::operator=(PageRef other) noexcept
{
    address_ = other.address_;
    return *this;
}
PageRef::~PageRef() = default;

}  // namespace tenon
