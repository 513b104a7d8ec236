#pragma once

#include <span>

#include "kernel/lib/address.h"
#include "kernel/lib/result.h"
#include <tenon/api.h>
#include <tenon/memory.h>

namespace tenon {

// A counted reference to one page frame of RAM. Frames of files, of the page cache and of processes are shared by copying
// the reference; a process that writes to a frame that others hold gets a copy (copy on write).
class TENON_API PageRef {
public:
    // A zeroed frame; Errno::nomem.
    static Result<PageRef> allocate_zeroed();
    // Takes over one count of the frame at `address`.
    static PageRef adopt(PhysAddr address);

    PageRef() = default;
    PageRef(const PageRef& other);
    PageRef(PageRef&& other) noexcept;
    PageRef& operator=(PageRef other) noexcept;
    ~PageRef();

    explicit operator bool() const { return address_.value() != 0; }
    PhysAddr physical() const { return address_; }
    std::span<std::byte> bytes() const;  // through the linear map
    bool is_shared() const;              // somebody else holds the frame too
    PhysAddr leak();                     // gives up the count without dropping it

private:
    PhysAddr address_;  // 0: empty; frame 0 is never handed out
};

}  // namespace tenon
