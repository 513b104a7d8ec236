#pragma once

#include "kernel/lib/address.h"
#include "kernel/lib/result.h"
#include "kernel/mm/kernel_map.h"
#include "kernel/module/range_allocator.h"

namespace tenon {

// Address space for one kind of module memory, shared by all modules at cache-line granularity. A page has a frame exactly while some
// block needs it. Text and read-only pages are not writable by any mapping, the linear map's included; the loader writes
// through a WriteWindow. The caller serialises.
class Arena : NoCopy {
public:
    // `fill` is what memory holds that belongs to no block (text: an instruction that traps).
    Arena(KernelAddr start, u64 size, kernel_map::Access access, u32 fill)
        : ranges_(start.value(), size), access_(access), fill_(fill)
    {
    }

    kernel_map::Access access() const { return access_; }
    bool contains(KernelAddr address) const { return ranges_.contains(address.value()); }

    // Memory at the address that is returned, with undefined contents. Errno::nomem.
    Result<KernelAddr> allocate(u64 size, u64 alignment);
    // Nothing runs in or refers to the block any more. Code that shares its pages with others is overwritten, the rest no longer mapped.
    void free(KernelAddr start, u64 size);

    // Makes the whole pages of a writable block read-only for good; the block covers them alone.
    void make_read_only(KernelAddr start, u64 size);

private:
    Result<> populate(u64 start, u64 end, RangeAllocator::Range block);
    Result<u64> populate_run(u64 start, u64 end, RangeAllocator::Range block);
    void depopulate(u64 start, u64 end);
    void blot_out(u64 start, u64 end);

    RangeAllocator ranges_;
    kernel_map::Access access_;
    u32 fill_;
};

}  // namespace tenon
