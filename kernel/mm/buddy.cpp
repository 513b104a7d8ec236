#include "kernel/mm/buddy.h"

#include <algorithm>
#include <bit>

#include "kernel/lib/bits.h"
#include "kernel/lib/panic.h"

namespace tenon {

void FrameList::push_front(std::span<Frame> frames, u32 index)
{
    frames[index].previous = none;
    frames[index].next = head_;
    if (head_ != none)
        frames[head_].previous = index;
    head_ = index;
}

void FrameList::remove(std::span<Frame> frames, u32 index)
{
    const Frame& frame = frames[index];
    if (frame.previous != none)
        frames[frame.previous].next = frame.next;
    else
        head_ = frame.next;
    if (frame.next != none)
        frames[frame.next].previous = frame.previous;
}

void Buddy::initialise(u64 base, std::span<Frame> frames)
{
    base_ = base;
    frames_ = frames;
}

void Buddy::insert(u32 index, unsigned order)
{
    Frame& frame = frames_[index];
    frame.use = Frame::Use::free;
    frame.order = static_cast<u8>(order);
    free_lists_[order].push_front(frames_, index);
}

void Buddy::add(u32 first, u32 end)
{
    total_ += end - first;
    while (first < end) {
        const unsigned alignment = static_cast<unsigned>(std::countr_zero(base_ + first));
        const unsigned room = static_cast<unsigned>(std::bit_width(end - first)) - 1;
        const unsigned order = std::min({alignment, room, max_order});
        free(first, order);
        first += u32{1} << order;
    }
}

std::optional<u32> Buddy::allocate(unsigned order)
{
    unsigned found = order;
    while (found <= max_order && free_lists_[found].is_empty())
        ++found;
    if (found > max_order)
        return std::nullopt;

    const u32 index = free_lists_[found].front();
    free_lists_[found].remove(frames_, index);
    while (found > order) {
        --found;
        insert(index + (u32{1} << found), found);
    }
    Frame& frame = frames_[index];
    frame.use = Frame::Use::allocated;
    frame.order = static_cast<u8>(order);
    free_.store(free_frames() - (u64{1} << order), std::memory_order_relaxed);
    return index;
}

std::optional<u32> Buddy::buddy_of(u32 index, unsigned order) const
{
    const u64 number = (base_ + index) ^ (u64{1} << order);
    if (number < base_ || number - base_ >= frames_.size())
        return std::nullopt;
    return static_cast<u32>(number - base_);
}

void Buddy::free(u32 first, unsigned order)
{
    expect(frames_[first].use != Frame::Use::free, "page frame freed twice");
    free_.store(free_frames() + (u64{1} << order), std::memory_order_relaxed);
    while (order < max_order) {
        const auto buddy = buddy_of(first, order);
        if (!buddy || frames_[*buddy].use != Frame::Use::free || frames_[*buddy].order != order)
            break;
        free_lists_[order].remove(frames_, *buddy);
        frames_[std::max(first, *buddy)].use = Frame::Use::reserved;
        first = std::min(first, *buddy);
        ++order;
    }
    insert(first, order);
}

}  // namespace tenon
