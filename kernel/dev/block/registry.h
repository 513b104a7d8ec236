#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include <tenon/block.h>
#include <tenon/module.h>

// The registered block devices, by number: what mount, the nodes in /dev and /proc use.

namespace tenon::block {

// A device that stays registered, with the module that owns it, while the pin lives.
class Pin : NoCopy {
public:
    // Errno::nxio when no device has that number or its module is leaving; nomem.
    static Result<Pin> take(DeviceNumber number);
    Pin() = default;
    Pin(Pin&& other) noexcept : device_(std::exchange(other.device_, nullptr)), owner_(std::move(other.owner_)) {}
    Pin& operator=(Pin&& other) noexcept
    {
        std::swap(device_, other.device_);
        std::swap(owner_, other.owner_);
        return *this;
    }

    BlockDevice* get() const { return device_; }
    BlockDevice& operator*() const { return *device_; }
    BlockDevice* operator->() const { return device_; }

private:
    Pin(BlockDevice& device, ModuleReference owner) : device_(&device), owner_(std::move(owner)) {}

    BlockDevice* device_ = nullptr;
    ModuleReference owner_;
};

// The operations of an opened block-device node; they hold a Pin. `flags` are those of open(2): Errno::rofs when they ask
// for writing and the device does not allow it.
Result<std::unique_ptr<FileOperations>> open(DeviceNumber number, u32 flags);

// Flushes every device, for sync(2).
void flush_all();

// The device with the smallest number, encoded, above `number` (std::nullopt: of all); std::nullopt behind the last.
std::optional<DeviceNumber> next_number(std::optional<DeviceNumber> number);
std::optional<FixedText<64>> name_of(DeviceNumber number);

// What all disks have moved together.
using Transfers = BlockDevice::Transfers;
Transfers total_transfers();

// The lines of /proc/devices below "Block devices:", and the whole of /proc/partitions and /proc/diskstats.
void print_majors(TextSink& out);
void print_partitions(TextSink& out);
void print_statistics(TextSink& out);

}  // namespace tenon::block
