#include "kernel/mm/page_buffer.h"

#include <new>
#include <utility>

#include "kernel/lib/checked.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/kernel_map.h"
#include <tenon/memory.h>
#include <tenon/sync.h>

namespace tenon {

Result<usize> PageBuffer::room_for(usize size)
{
    const auto room = checked_align_up(size, page_size);
    if (size == 0 || !room)
        return fail(Errno::inval);
    if (*room >> page_shift > frames::statistics().free_pages)
        return fail(Errno::nomem);
    return *room;
}

Result<PageBuffer> PageBuffer::allocate(usize size)
{
    const usize room = TRY(room_for(size));
    PageBuffer buffer;
    buffer.size_ = size;
    buffer.run_.reset(new (std::nothrow) std::byte[size]);
    if (!buffer.run_)
        TRY(buffer.map_frames(room));
    return buffer;
}

Result<PageBuffer> PageBuffer::map(usize size)
{
    const usize room = TRY(room_for(size));
    PageBuffer buffer;
    buffer.size_ = size;
    TRY(buffer.map_frames(room));
    return buffer;
}

Result<> PageBuffer::map_frames(usize room)
{
    start_ = TRY(kernel_map::reserve(room));
    room_ = room;
    while (mapped_ < room) {
        TRY(resched_point());
        const PhysAddr frame = TRY(frames::allocate(0, frames::Zeroed::no));
        const KernelAddr page = start_ + mapped_;
        if (const auto result = kernel_map::map(page, frame, page_size, kernel_map::Access::read_write); !result) {
            frames::free(frame, 0);
            return fail(result.error());
        }
        mapped_ += page_size;
    }
    return {};
}

PageBuffer::PageBuffer(PageBuffer&& other) noexcept
    : size_(std::exchange(other.size_, 0)), run_(std::move(other.run_)),
      start_(std::exchange(other.start_, KernelAddr())), room_(std::exchange(other.room_, 0)),
      mapped_(std::exchange(other.mapped_, 0))
{
}

PageBuffer& PageBuffer::operator=(PageBuffer&& other) noexcept
{
    std::swap(size_, other.size_);
    std::swap(run_, other.run_);
    std::swap(start_, other.start_);
    std::swap(room_, other.room_);
    std::swap(mapped_, other.mapped_);
    return *this;
}

PageBuffer::~PageBuffer()
{
    if (room_ != 0)
        unmap_frames();
}

void PageBuffer::unmap_frames()
{
    // The frames are known only to the page tables: collect each before its page goes.
    for (usize offset = 0; offset < mapped_; offset += page_size) {
        static_cast<void>(resched_point());
        const auto translation = kernel_map::translate(start_ + offset);
        kernel_map::unmap(start_ + offset, page_size);
        if (translation)
            frames::free(translation->physical, 0);
    }
    kernel_map::release(start_, room_);
}

}  // namespace tenon
