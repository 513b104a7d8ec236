#pragma once

#include <array>
#include <atomic>

#include "kernel/lib/text.h"
#include "modules/virtio_blk/ring.h"
#include "modules/virtio_blk/transport.h"
#include <tenon/block.h>
#include <tenon/driver.h>
#include <tenon/interrupt.h>
#include <tenon/sync.h>

namespace tenon::virtio {

// A virtio disk (virtio 1.2, section 5.2) and its place in the system: attached by the constructor's caller through
// attach(), detached by the destructor, which leaves the device reset.
class Disk final : public DriverBinding, public BlockDevice, private InterruptHandler {
public:
    static constexpr u32 device_id = 2;

    static Result<std::unique_ptr<DriverBinding>> attach(Device& device);
    ~Disk() override;

    std::string_view name() const override { return name_.view(); }
    u64 sector_count() const override { return sectors_.load(std::memory_order_relaxed); }
    bool is_read_only() const override { return read_only_; }
    Result<> read_sectors(u64 first, std::span<std::byte> out) override;
    Result<> write_sectors(u64 first, std::span<const std::byte> data) override;
    Result<> read_scattered(u64 first, std::span<const std::span<std::byte>> parts) override;
    Result<> flush() override;

private:
    // What the device and the driver share for one request, besides the data.
    struct RequestMemory {
        u32 type;
        u32 reserved;
        u64 sector;
        u8 status;
    };

    // A request owns a slot and its fixed descriptors: header, up to `segments_` pieces of data, status.
    static constexpr u32 segment_limit = 16;
    static constexpr usize slot_limit = 32;
    static constexpr u32 queue_size_limit = 512;
    struct Slot {
        WaitQueue finished_queue;
        bool taken = false;
        bool finished = false;
        u32 written = 0;   // what the device says
    };

    struct Request {
        u32 type;
        u64 sector = 0;
        std::span<const Segment> data;  // at most segments_
    };

    Disk() = default;
    Result<> initialise(Device& device);
    Result<> read_limits();
    Result<> start_queue();
    u32 descriptors_per_slot() const { return segments_ + 2; }
    Result<> register_by_name();

    void handle_interrupt() override;
    std::string_view interrupt_name() const override { return name(); }
    void finish_requests();
    void give_up(std::string_view reason);

    Result<> transfer(u32 type, u64 sector, PhysAddr data, usize size, Direction direction);
    Result<> execute(const Request& request);
    void offer(usize slot, const Request& request);
    Result<usize> take_slot();
    void release_slot(usize slot);
    RequestMemory& request_memory(usize slot) const;

    FixedText<15> name_;
    std::atomic<u64> sectors_{0};
    u64 features_ = 0;
    u32 largest_segment_ = 0;   // bytes
    u32 segments_ = 1;          // of data in one request
    bool read_only_ = false;
    bool registered_ = false;

    ContiguousMemory ring_memory_;
    ContiguousMemory requests_;  // RequestMemory of each slot
    Transport transport_;

    Spinlock lock_;  // protects what follows
    Ring ring_;
    usize slot_count_ = 0;  // constant after start_queue
    std::array<Slot, slot_limit> slots_;
    bool broken_ = false;   // the device was reset for misbehaviour: every request fails

    WaitQueue slot_free_;
    InterruptLine interrupt_;  // last: its destructor waits for the handler
};

}  // namespace tenon::virtio
