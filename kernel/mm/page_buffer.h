#pragma once

#include <memory>
#include <span>

#include "kernel/lib/address.h"
#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"

namespace tenon {

// A buffer of any size, not zeroed, aligned to 8 at least: from the heap when that has a run of frames of the size, else out of
// single frames that are mapped in one piece in the dynamic area.
class PageBuffer : NoCopy {
public:
    // Errno::inval for no bytes at all, nomem.
    static Result<PageBuffer> allocate(usize size);
    // The same out of single frames in any case; the bytes lie in the dynamic area.
    static Result<PageBuffer> map(usize size);
    PageBuffer() = default;
    PageBuffer(PageBuffer&& other) noexcept;
    PageBuffer& operator=(PageBuffer&& other) noexcept;
    ~PageBuffer();

    std::span<std::byte> bytes() const { return run_ ? std::span(run_.get(), size_) : std::span(start_.pointer(), size_); }

private:
    static Result<usize> room_for(usize size);
    Result<> map_frames(usize room);
    void unmap_frames();

    usize size_ = 0;
    std::unique_ptr<std::byte[]> run_;
    KernelAddr start_;   // without a run
    usize room_ = 0;     // reserved from start_ on
    usize mapped_ = 0;   // bytes of it that are really mapped, less than room_ only while allocating
};

}  // namespace tenon
