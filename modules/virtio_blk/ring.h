#pragma once

#include <optional>
#include <span>

#include "kernel/lib/types.h"

// A split virtqueue (virtio 1.2, section 2.7) in the contiguous layout that legacy devices demand and modern ones accept. The
// driver's side only; knows no device, so that it also builds for the host. The caller serialises.

namespace tenon::virtio {

enum class Direction : bool { to_device, from_device };

struct Segment {
    u64 physical = 0;
    u32 size = 0;
    Direction direction = Direction::to_device;
};

class Ring {
public:
    static constexpr usize alignment = 4096;  // of the part that the device writes

    // Bytes of memory for a ring of `size` descriptors, a power of two.
    static usize memory_size(u16 size);

    Ring() = default;
    // `memory` is zeroed, visible to the device and stays where it is.
    Ring(u16 size, std::span<std::byte> memory);

    // Where the three parts stand in the memory.
    usize descriptors_offset() const { return 0; }
    usize available_offset() const;
    usize used_offset() const;
    u16 size() const { return size_; }

    // Offers a chain to the device. It takes the descriptors from `first` on, one for each segment; the caller keeps
    // them out of other chains until the device has given `first` back.
    void offer(u16 first, std::span<const Segment> segments);
    // Whether the device wants to be told about what was offered last.
    bool wants_notification() const;

    struct Finished {
        u32 first;   // of the chain; as the device says it, not validated
        u32 length;  // bytes that it wrote
    };
    // The next chain that the device has finished with.
    std::optional<Finished> take_finished();

private:
    u16 size_ = 0;
    std::span<std::byte> memory_;
    u16 offered_ = 0;   // chains so far, modulo 2^16
    u16 finished_ = 0;
};

}  // namespace tenon::virtio
