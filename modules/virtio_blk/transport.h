#pragma once

#include "kernel/lib/result.h"
#include "modules/virtio_blk/ring.h"
#include <tenon/memory.h>

// A virtio device behind memory-mapped registers (virtio 1.2, section 4.2), in the modern layout and in the legacy one that
// QEMU offers by default.

namespace tenon::virtio {

enum class Feature : u64 {
    version_1 = u64{1} << 32,
};

constexpr u64 bit(Feature feature)
{
    return static_cast<u64>(feature);
}

class Transport {
public:
    // Checks that a device of the wanted kind is there. Errno::nodev. The device is reset afterwards.
    static Result<Transport> open(PhysAddr registers, usize size, u32 device_id);
    Transport() = default;
    bool is_open() const { return registers_.size() != 0; }

    // Tells the device what the driver can do; the result is what both can. Errno::opnotsupp when the device refuses.
    Result<u64> negotiate(u64 wanted);
    // The number of descriptors that the queue may have at most; 0: there is no such queue.
    u32 queue_limit(u32 queue) const;
    // Errno::overflow when the memory stands where the device's registers cannot name it.
    Result<> start_queue(u32 queue, const Ring& ring, PhysAddr memory);
    void set_running();   // from now on the device works
    void set_failed();    // the driver has given up
    // The device forgets everything and touches no memory afterwards.
    void reset();

    void notify(u32 queue) const;
    bool wants_reset() const;

    struct Causes {
        bool queue;
        bool configuration;
    };
    // Why the device has interrupted; acknowledges it.
    Causes take_interrupt() const;

    u32 config32(usize offset) const;
    u64 config64(usize offset) const;  // both halves of one state of the device

private:
    bool is_legacy() const { return version_ == 1; }
    void add_status(u32 bits);
    u64 offered_features() const;

    DeviceMemory registers_;
    u32 version_ = 0;
};

}  // namespace tenon::virtio
