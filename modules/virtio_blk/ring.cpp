#include "modules/virtio_blk/ring.h"

#include <atomic>

#include "kernel/lib/bits.h"
#include "kernel/lib/panic.h"
#include <tenon/dma.h>

namespace tenon::virtio {
namespace {

struct Descriptor {
    u64 address;
    u32 length;
    u16 flags;
    u16 next;
};
static_assert(sizeof(Descriptor) == 16);

constexpr u16 flag_next = 1;
constexpr u16 flag_device_writes = 2;

struct UsedElement {
    u32 id;
    u32 length;
};
static_assert(sizeof(UsedElement) == 8);

// The available ring: flags, index, one u16 per descriptor, used_event. The used ring: flags, index, elements.
constexpr usize flags_offset = 0;
constexpr usize index_offset = 2;
constexpr usize entries_offset = 4;
constexpr u16 used_flag_no_notify = 1;

constexpr usize available_size(u16 size)
{
    return entries_offset + sizeof(u16) * size + sizeof(u16);
}

constexpr usize used_size(u16 size)
{
    return entries_offset + sizeof(UsedElement) * size + sizeof(u16);
}

// The device reads and writes the memory behind the compiler's back.
template <typename T>
std::atomic_ref<T> shared(std::span<std::byte> memory, usize offset)
{
    return std::atomic_ref<T>(*reinterpret_cast<T*>(memory.subspan(offset, sizeof(T)).data()));
}

}  // namespace

usize Ring::memory_size(u16 size)
{
    return align_up(sizeof(Descriptor) * size + available_size(size), alignment) + align_up(used_size(size), alignment);
}

Ring::Ring(u16 size, std::span<std::byte> memory) : size_(size), memory_(memory)
{
    expect(std::has_single_bit(size) && memory.size() >= memory_size(size), "virtio ring of a wrong size");
}

usize Ring::available_offset() const
{
    return sizeof(Descriptor) * size_;
}

usize Ring::used_offset() const
{
    return align_up(available_offset() + available_size(size_), alignment);
}

void Ring::offer(u16 first, std::span<const Segment> segments)
{
    expect(!segments.empty() && first + segments.size() <= size_, "virtio chain outside the ring");
    for (usize i = 0; i < segments.size(); ++i) {
        const Segment& segment = segments[i];
        const u16 index = static_cast<u16>(first + i);
        const bool last = i + 1 == segments.size();
        const u32 flags = (last ? 0u : flag_next) | (segment.direction == Direction::from_device ? flag_device_writes : 0u);
        const Descriptor descriptor{segment.physical, segment.size, static_cast<u16>(flags),
                                    static_cast<u16>(last ? 0 : index + 1)};
        std::memcpy(memory_.subspan(sizeof(Descriptor) * index).data(), &descriptor, sizeof(descriptor));
    }
    const usize entry = available_offset() + entries_offset + sizeof(u16) * (offered_ % size_);
    shared<u16>(memory_, entry).store(first, std::memory_order_relaxed);
    ++offered_;
    dma_write_barrier();  // the chain and its entry before the index that gives them to the device
    shared<u16>(memory_, available_offset() + index_offset).store(offered_, std::memory_order_relaxed);
}

// The barrier orders the new index before the look at the flag: section 2.7.13.4.1.
bool Ring::wants_notification() const
{
    dma_barrier();
    const u16 flags = shared<u16>(memory_, used_offset() + flags_offset).load(std::memory_order_relaxed);
    return (flags & used_flag_no_notify) == 0;
}

std::optional<Ring::Finished> Ring::take_finished()
{
    if (shared<u16>(memory_, used_offset() + index_offset).load(std::memory_order_relaxed) == finished_)
        return std::nullopt;
    dma_read_barrier();  // the index before the element and the data of the request
    const usize entry = used_offset() + entries_offset + sizeof(UsedElement) * (finished_ % size_);
    ++finished_;
    return Finished{shared<u32>(memory_, entry).load(std::memory_order_relaxed),
                    shared<u32>(memory_, entry + sizeof(u32)).load(std::memory_order_relaxed)};
}

}  // namespace tenon::virtio
