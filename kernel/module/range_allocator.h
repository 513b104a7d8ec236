#pragma once

#include <optional>

#include <boost/intrusive/list.hpp>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

namespace tenon {

// Hands out parts of one range of addresses, first fit from the bottom, so that the low end stays dense. Sizes and alignments are
// rounded up to the granule. Knows nothing of memory. The caller serialises.
class RangeAllocator : NoCopy {
public:
    static constexpr u64 granule = 64;  // a cache line: two modules never share one

    struct Range {
        u64 start;
        u64 end;
    };

    RangeAllocator(u64 start, u64 size) : start_(start), size_(size) {}
    ~RangeAllocator();

    // Whether the address is one of the whole range, free or not.
    bool contains(u64 address) const { return address - start_ < size_; }

    struct Allocation {
        u64 start;
        Range hole;  // the free range that it was cut from, as it was before
    };
    // Errno::nomem when no hole is large enough, or for bookkeeping.
    Result<Allocation> allocate(u64 size, u64 alignment);

    // Gives back exactly what was allocated; the free range that it is a part of now. Cannot fail: each allocation has put the
    // bookkeeping for its end aside.
    Range free(u64 start, u64 size);

private:
    struct Hole : boost::intrusive::list_base_hook<> {
        Range range;
    };
    using Holes = boost::intrusive::list<Hole, boost::intrusive::constant_time_size<false>>;

    Result<> prepare();
    Result<> add_node();
    void put_aside(Hole& hole);
    void insert(Holes::iterator position, Range range);

    u64 start_;
    u64 size_;
    bool prepared_ = false;
    Holes holes_;  // by address, never adjacent; at most one more than there are allocations
    Holes spare_;  // unused nodes: together with holes_ at least one more than there are allocations
    u32 allocations_ = 0;
    u32 nodes_ = 0;
};

}  // namespace tenon
