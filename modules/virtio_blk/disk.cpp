#include "modules/virtio_blk/disk.h"

#include <algorithm>
#include <bit>
#include <new>

#include "kernel/lib/bits.h"
#include <tenon/log.h>
#include <tenon/module.h>
#include <tenon/time.h>

namespace tenon::virtio {
namespace {

// Section 5.2.3.
constexpr u64 feature_size_max = 1 << 1;
constexpr u64 feature_segments_max = 1 << 2;
constexpr u64 feature_read_only = 1 << 5;
constexpr u64 feature_flush = 1 << 9;

// Section 5.2.4: the device's configuration.
constexpr usize config_capacity = 0;
constexpr usize config_size_max = 8;
constexpr usize config_segments_max = 12;

// Section 5.2.6.
constexpr u32 request_read = 0;
constexpr u32 request_write = 1;
constexpr u32 request_flush = 4;
constexpr u8 status_ok = 0;
constexpr u8 status_unsupported = 2;
constexpr u8 status_not_written = 0xff;

constexpr u32 queue = 0;
constexpr u32 largest_request = 256 * 1024;
constexpr u64 patience = 60 * nanoseconds_per_second;

}  // namespace

Result<std::unique_ptr<DriverBinding>> Disk::attach(Device& device)
{
    std::unique_ptr<Disk> disk(new (std::nothrow) Disk);
    if (disk == nullptr)
        return fail(Errno::nomem);
    if (const auto ready = disk->initialise(device); !ready) {
        log::error("virtio_blk", "{}: cannot be used: {}", device.name(), ready.error());
        return fail(ready.error());
    }
    return std::unique_ptr<DriverBinding>(std::move(disk));
}

Result<> Disk::initialise(Device& device)
{
    const auto line = device.interrupt();
    if (!line)
        return fail(Errno::nodev);
    transport_ = TRY(Transport::open(device.registers(), device.register_size(), device_id));
    const u64 features = TRY(transport_.negotiate(feature_size_max | feature_segments_max | feature_read_only | feature_flush));
    features_ = features;
    TRY(read_limits());
    TRY(start_queue());
    interrupt_ = TRY(InterruptLine::claim(*line, *this));
    transport_.set_running();
    TRY(register_by_name());
    log::info("virtio_blk", "{}: {} sectors of 512 bytes ({} MiB){}", name(), sector_count(), size() >> 20,
              read_only_ ? ", read-only" : "");
    return {};
}

Result<> Disk::read_limits()
{
    read_only_ = (features_ & feature_read_only) != 0;
    sectors_ = transport_.config64(config_capacity);
    const u32 size_max = (features_ & feature_size_max) != 0 ? transport_.config32(config_size_max) : largest_request;
    largest_segment_ = std::min(static_cast<u32>(align_down(size_max, sector_size)), largest_request);
    const u32 segments_max = (features_ & feature_segments_max) != 0 ? transport_.config32(config_segments_max) : 1;
    segments_ = std::clamp<u32>(segments_max, 1, segment_limit);
    if (largest_segment_ == 0)
        return fail(Errno::opnotsupp);
    return {};
}

Result<> Disk::start_queue()
{
    const u16 size = static_cast<u16>(std::bit_floor(std::min(transport_.queue_limit(queue), queue_size_limit)));
    if (size < 3)
        return fail(Errno::opnotsupp);
    segments_ = std::min<u32>(segments_, size - 2u);
    slot_count_ = std::min<usize>(size / descriptors_per_slot(), slot_limit);
    const usize request_bytes = slot_count_ * sizeof(RequestMemory);
    ring_memory_ = TRY(ContiguousMemory::allocate(Ring::memory_size(size)));
    requests_ = TRY(ContiguousMemory::allocate(request_bytes));
    ring_ = Ring(size, ring_memory_.bytes());
    return transport_.start_queue(queue, ring_, ring_memory_.physical());
}

// vda to vdz; the first name that is free.
Result<> Disk::register_by_name()
{
    for (char letter = 'a'; letter <= 'z'; ++letter) {
        name_.clear();
        name_.format("vd{}", letter);
        const auto registered = register_block_device(*this, "virtblk", current_module());
        registered_ = registered.has_value();
        if (registered || registered.error() != Errno::exist)
            return registered;
    }
    return fail(Errno::nospc);
}

Disk::~Disk()
{
    if (registered_)
        unregister_block_device(*this);
    if (transport_.is_open())
        transport_.reset();
}

void Disk::handle_interrupt()
{
    const auto causes = transport_.take_interrupt();
    if (causes.queue)
        finish_requests();
    if (!causes.configuration)
        return;
    if (transport_.wants_reset()) {
        give_up("the device asks for a reset");
        return;
    }
    sectors_ = transport_.config64(config_capacity);
    log::info("virtio_blk", "{}: now {} sectors", name(), sector_count());
}

void Disk::finish_requests()
{
    bool nonsense = false;
    {
        LockGuard guard(lock_);
        while (const auto finished = ring_.take_finished()) {
            const u32 index = finished->first / descriptors_per_slot();
            nonsense = finished->first % descriptors_per_slot() != 0 || index >= slot_count_ || !slots_[index].taken;
            if (nonsense)
                break;
            slots_[index].finished = true;
            slots_[index].written = finished->length;
            slots_[index].finished_queue.wake_one();
        }
    }
    if (nonsense)
        give_up("the device finished a request that was not made");
}

// The memory of requests under way is given back to their callers, so the device must let go of it first.
void Disk::give_up(std::string_view reason)
{
    log::error("virtio_blk", "{}: {}; all requests fail from now on", name(), reason);
    LockGuard guard(lock_);
    transport_.reset();
    transport_.set_failed();
    broken_ = true;
    for (Slot& slot : slots_) {
        if (!slot.taken)
            continue;
        slot.finished = true;
        slot.finished_queue.wake_one();
    }
}

Disk::RequestMemory& Disk::request_memory(usize slot) const
{
    return *reinterpret_cast<RequestMemory*>(requests_.bytes().subspan(slot * sizeof(RequestMemory)).data());
}

Result<usize> Disk::take_slot()
{
    usize taken = slot_count_;
    TRY(slot_free_.wait_until(Interruptible::killable, [&] {
        LockGuard guard(lock_);
        for (taken = 0; taken < slot_count_ && slots_[taken].taken; ++taken) {
        }
        if (taken == slot_count_)
            return false;
        slots_[taken].taken = true;
        slots_[taken].finished = false;
        return true;
    }));
    return taken;
}

void Disk::release_slot(usize slot)
{
    {
        LockGuard guard(lock_);
        slots_[slot].taken = false;
    }
    slot_free_.wake_one();
}

void Disk::offer(usize slot, const Request& request)
{
    RequestMemory& memory = request_memory(slot);
    memory = {request.type, 0, request.sector, status_not_written};
    const PhysAddr base = physical_address(&memory);
    std::array<Segment, segment_limit + 2> segments;
    usize count = 0;
    segments[count++] = {base.value(), offsetof(RequestMemory, status), Direction::to_device};
    for (const Segment& segment : request.data)
        segments[count++] = segment;
    segments[count++] = {(base + offsetof(RequestMemory, status)).value(), 1, Direction::from_device};
    ring_.offer(static_cast<u16>(slot * descriptors_per_slot()), std::span(segments).first(count));
}

Result<> Disk::execute(const Request& request)
{
    const Urgent others_wait_for_the_slot;
    const usize slot = TRY(take_slot());
    {
        LockGuard guard(lock_);
        slots_[slot].finished = broken_;
        if (!broken_) {
            offer(slot, request);
            if (ring_.wants_notification())
                transport_.notify(queue);
        }
    }
    const auto finished = [&] {
        LockGuard guard(lock_);
        return slots_[slot].finished;
    };
    const u64 deadline = monotonic_now() + patience;
    if (!slots_[slot].finished_queue.wait_until_deadline(Interruptible::no, deadline, finished))
        give_up("no answer within a minute");

    const u8 status = std::atomic_ref(request_memory(slot).status).load(std::memory_order_acquire);
    const bool failed = broken_;
    release_slot(slot);
    if (failed)
        return fail(Errno::io);
    if (status == status_ok)
        return {};
    log::error("virtio_blk", "{}: request {} at sector {} failed with status {}", name(), request.type, request.sector, status);
    return fail(status == status_unsupported ? Errno::opnotsupp : Errno::io);
}

Result<> Disk::transfer(u32 type, u64 sector, PhysAddr data, usize size, Direction direction)
{
    while (size != 0) {
        const u32 part = static_cast<u32>(std::min<usize>(size, largest_segment_));
        const Segment segment{data.value(), part, direction};
        TRY(execute({type, sector, std::span(&segment, 1)}));
        sector += part / sector_size;
        data += part;
        size -= part;
    }
    return {};
}

// As many parts at once as the device takes.
Result<> Disk::read_scattered(u64 first, std::span<const std::span<std::byte>> parts)
{
    while (!parts.empty()) {
        std::array<Segment, segment_limit> segments;
        usize count = 0;
        u64 bytes = 0;
        for (; count < segments_ && count < parts.size() && parts[count].size() <= largest_segment_; ++count) {
            segments[count] = {physical_address(parts[count].data()).value(), static_cast<u32>(parts[count].size()),
                               Direction::from_device};
            bytes += parts[count].size();
        }
        if (count == 0)
            return BlockDevice::read_scattered(first, parts);
        TRY(execute({request_read, first, std::span(segments).first(count)}));
        first += bytes / sector_size;
        parts = parts.subspan(count);
    }
    return {};
}

Result<> Disk::read_sectors(u64 first, std::span<std::byte> out)
{
    return transfer(request_read, first, physical_address(out.data()), out.size(), Direction::from_device);
}

Result<> Disk::write_sectors(u64 first, std::span<const std::byte> data)
{
    return transfer(request_write, first, physical_address(data.data()), data.size(), Direction::to_device);
}

// Without the feature the device has no volatile cache to empty.
Result<> Disk::flush()
{
    if ((features_ & feature_flush) == 0)
        return {};
    return execute({.type = request_flush, .data = {}});
}

}  // namespace tenon::virtio
