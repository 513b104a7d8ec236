#pragma once

#include <array>
#include <atomic>
#include <optional>
#include <span>

#include "kernel/lib/types.h"

namespace tenon {

// What the kernel knows about one page frame. Frames are named by their index in the descriptor array.
struct Frame {
    enum class Use : u8 { reserved, free, allocated, slab };

    std::atomic<u32> references{0};
    Use use = Use::reserved;
    u8 order = 0;            // of the run that starts here (free, allocated)
    u8 slab_class = 0;       // kernel/mm/heap.cpp
    u8 booked_kind = 0;      // kernel/mm/ledger.cpp; 0: not booked
    union {
        u16 slab_free_head = 0;
        u16 account;         // of a booked run
    };
    u16 slab_in_use = 0;
    u32 previous = 0;        // neighbours in a list of free runs or of slabs
    u32 next = 0;
};
static_assert(sizeof(Frame) == 20);

// A doubly linked list of frames through their descriptors.
class FrameList {
public:
    static constexpr u32 none = ~u32{0};

    bool is_empty() const { return head_ == none; }
    u32 front() const { return head_; }
    void push_front(std::span<Frame> frames, u32 index);
    void remove(std::span<Frame> frames, u32 index);

private:
    u32 head_ = none;
};

// A binary buddy allocator over frame descriptors. It never touches the memory itself. The caller serialises.
class Buddy {
public:
    static constexpr unsigned max_order = 10;

    // `base` is the frame number of frames[0]; it decides the natural alignment of runs. All frames start as reserved.
    void initialise(u64 base, std::span<Frame> frames);

    // Makes the reserved frames [first, end) free.
    void add(u32 first, u32 end);
    // The index of the first frame of an aligned run of 2^order; nothing when none is left.
    std::optional<u32> allocate(unsigned order);
    void free(u32 first, unsigned order);

    std::span<Frame> frames() const { return frames_; }
    // Readable by everybody at any time.
    u64 total_frames() const { return total_.load(std::memory_order_relaxed); }
    u64 free_frames() const { return free_.load(std::memory_order_relaxed); }

private:
    std::optional<u32> buddy_of(u32 index, unsigned order) const;
    void insert(u32 index, unsigned order);

    u64 base_ = 0;
    std::span<Frame> frames_;
    std::array<FrameList, max_order + 1> free_lists_;
    // Changed only by who holds the caller's lock.
    std::atomic<u64> total_{0};
    std::atomic<u64> free_{0};
};

}  // namespace tenon
