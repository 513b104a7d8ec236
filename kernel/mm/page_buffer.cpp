#include "kernel/mm/page_buffer.h"

#include <utility>

#include "kernel/lib/checked.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/kernel_map.h"
#include <tenon/memory.h>

namespace tenon {

Result<PageBuffer> PageBuffer::allocate(usize size)
{
    const auto room = checked_align_up(size, page_size);
    if (size == 0 || !room)
        return fail(Errno::inval);
    if (*room >> page_shift > frames::statistics().free_pages)
        return fail(Errno::nomem);

    const KernelAddr start = TRY(kernel_map::reserve(*room));
    PageBuffer buffer;
    buffer.start_ = start;
    buffer.size_ = size;
    while (buffer.mapped_ < *room) {
        const PhysAddr frame = TRY(frames::allocate(0, frames::Zeroed::no));
        const KernelAddr page = start + buffer.mapped_;
        if (const auto result = kernel_map::map(page, frame, page_size, kernel_map::Access::read_write); !result) {
            frames::free(frame, 0);
            return fail(result.error());
        }
        buffer.mapped_ += page_size;
    }
    return buffer;
}

PageBuffer::PageBuffer(PageBuffer&& other) noexcept
    : start_(std::exchange(other.start_, KernelAddr())), size_(std::exchange(other.size_, 0)),
      mapped_(std::exchange(other.mapped_, 0))
{
}

PageBuffer& PageBuffer::operator=(PageBuffer&& other) noexcept
{
    std::swap(start_, other.start_);
    std::swap(size_, other.size_);
    std::swap(mapped_, other.mapped_);
    return *this;
}

PageBuffer::~PageBuffer()
{
    if (size_ == 0)
        return;
    // The frames are known only to the page tables: collect each before its page goes.
    for (usize offset = 0; offset < mapped_; offset += page_size) {
        const auto translation = kernel_map::translate(start_ + offset);
        kernel_map::unmap(start_ + offset, page_size);
        if (translation)
            frames::free(translation->physical, 0);
    }
    kernel_map::release(start_, align_up(size_, page_size));
}

}  // namespace tenon
