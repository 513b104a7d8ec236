#pragma once

#include <memory>
#include <span>

#include "kernel/lib/address.h"
#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"

namespace tenon {

// A buffer of any size out of single frames, mapped read-write in one piece in the dynamic area. Not zeroed.
class PageBuffer : NoCopy {
public:
    static Result<PageBuffer> allocate(usize size);
    PageBuffer() = default;
    PageBuffer(PageBuffer&& other) noexcept;
    PageBuffer& operator=(PageBuffer&& other) noexcept;
    ~PageBuffer();

    std::span<std::byte> bytes() const { return {start_.pointer(), size_}; }

private:
    KernelAddr start_;
    usize size_ = 0;
    usize mapped_ = 0;  // bytes that are really mapped, less than size_ only while allocating
};

}  // namespace tenon
