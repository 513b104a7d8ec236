#include "kernel/dev/block/registry.h"

#include <array>
#include <new>

#include "kernel/dev/block/numbers.h"
#include "kernel/dev/block/partition.h"
#include "kernel/fs/caller.h"
#include "kernel/fs/devfs/devfs.h"
#include <tenon/log.h>
#include <tenon/module.h>

namespace tenon {
namespace {

using DeviceList = boost::intrusive::list<BlockDevice>;
using block::Numbers;
using block::Partition;

struct Registry {
    Mutex mutex;  // protects what follows; not held while a device is asked
    DeviceList devices;
    Numbers numbers;
};

Registry registry;

BlockDevice* find(DeviceNumber number)
{
    for (BlockDevice& device : registry.devices)
        if (device.number == number)
            return &device;
    return nullptr;
}

bool is_name_taken(std::string_view name)
{
    for (const BlockDevice& device : registry.devices)
        if (device.name() == name)
            return true;
    return false;
}

bool is_partition(const BlockDevice& device)
{
    return device.number.minor % Numbers::minors_per_disk != 0;
}

bool is_partition_of(const BlockDevice& device, const BlockDevice& disk)
{
    return is_partition(device) && !is_partition(disk) && device.number.major == disk.number.major &&
           device.number.minor / Numbers::minors_per_disk == disk.number.minor / Numbers::minors_per_disk;
}

// What a disk's partitions have moved it has moved, too.
BlockDevice::Transfers transfers_locked(const BlockDevice& device)
{
    BlockDevice::Transfers sum = device.transfers();
    for (const BlockDevice& other : registry.devices)
        if (is_partition_of(other, device))
            sum += other.transfers();
    return sum;
}

Result<> add_node(const BlockDevice& device)
{
    return devfs::add_node(device.name(), mode::block_device, 0660, device.number);
}

class DiskReader final : public partition_table::SectorReader {
public:
    explicit DiskReader(BlockDevice& disk) : disk_(disk) {}
    Result<> read(u64 sector, std::span<std::byte> out) override { return disk_.read_bytes(sector * sector_size, out); }
    u64 sector_count() const override { return disk_.sector_count(); }

private:
    BlockDevice& disk_;
};

Result<> add_partition(BlockDevice& disk, const partition_table::Entry& entry)
{
    std::unique_ptr<Partition> partition(new (std::nothrow) Partition(disk, entry));
    if (partition == nullptr)
        return fail(Errno::nomem);
    TRY(add_node(*partition));
    LockGuard guard(registry.mutex);
    registry.devices.push_back(*partition.release());
    return {};
}

// A disk that cannot be read, or whose partitions find no room, is still a disk.
void add_partitions(BlockDevice& disk)
{
    DiskReader reader(disk);
    const auto entries = partition_table::read(reader);
    if (!entries) {
        log::warning("block", "{}: the partition table cannot be read: {}", disk.name(), entries.error());
        return;
    }
    for (const partition_table::Entry& entry : entries->view())
        if (const auto added = add_partition(disk, entry); !added)
            log::warning("block", "{}: no device for partition {}: {}", disk.name(), entry.number, added.error());
}

// Takes a partition of that disk out of the list.
std::unique_ptr<Partition> take_partition(const BlockDevice& disk)
{
    LockGuard guard(registry.mutex);
    for (BlockDevice& device : registry.devices) {
        if (!is_partition_of(device, disk))
            continue;
        registry.devices.erase(registry.devices.iterator_to(device));
        return std::unique_ptr<Partition>(static_cast<Partition*>(&device));
    }
    return nullptr;
}

void remove_disk(BlockDevice& disk)
{
    LockGuard guard(registry.mutex);
    registry.devices.erase(registry.devices.iterator_to(disk));
    registry.numbers.release(disk.number);
}

}  // namespace

Result<> register_block_device(BlockDevice& device, std::string_view driver_name, ModuleHandle* owner)
{
    {
        LockGuard guard(registry.mutex);
        if (is_name_taken(device.name()))
            return fail(Errno::exist);
        const DeviceNumber number = TRY(registry.numbers.allocate(driver_name));
        device.number = number;
        device.owner = owner;
        registry.devices.push_back(device);
    }
    if (const auto added = add_node(device); !added) {
        remove_disk(device);
        return added;
    }
    add_partitions(device);
    return {};
}

void unregister_block_device(BlockDevice& device)
{
    while (const auto partition = take_partition(device))
        devfs::remove_node(partition->name());
    devfs::remove_node(device.name());
    remove_disk(device);
    device.drop_cache();
}

namespace block {

Result<Pin> Pin::take(DeviceNumber number)
{
    LockGuard guard(registry.mutex);
    BlockDevice* device = find(number);
    if (device == nullptr)
        return fail(Errno::nxio);
    auto owner = caller::hold(device->owner, HolderKind::disk, {device->name()});
    if (!owner)
        return fail(owner.error() == Errno::nodev ? Errno::nxio : owner.error());
    return Pin(*device, std::move(*owner));
}

// Devices come and go while one of them is being flushed: each step looks for the device that follows the last one.
void flush_all()
{
    const auto after = [](u64 last) -> std::optional<DeviceNumber> {
        LockGuard guard(registry.mutex);
        const BlockDevice* next = nullptr;
        for (const BlockDevice& device : registry.devices)
            if (!is_partition(device) && device.number.encode() > last &&
                (next == nullptr || device.number.encode() < next->number.encode()))
                next = &device;
        return next != nullptr ? std::optional(next->number) : std::nullopt;
    };
    u64 last = 0;
    while (const auto number = after(last)) {
        last = number->encode();
        const auto pin = Pin::take(*number);
        if (!pin || (*pin)->is_read_only())
            continue;
        if (const auto flushed = (*pin)->flush(); !flushed)
            log::error("block", "{}: flush failed: {}", (*pin)->name(), flushed.error());
    }
}

void print_majors(TextSink& out)
{
    LockGuard guard(registry.mutex);
    registry.numbers.for_each_major([&](u32 number, std::string_view name) { format_to(out, "{:>3} {}\n", number, name); });
}

void print_partitions(TextSink& out)
{
    format_to(out, "major minor  #blocks  name\n\n");
    LockGuard guard(registry.mutex);
    for (const BlockDevice& device : registry.devices)
        format_to(out, "{:>4}  {:>7} {:>10} {}\n", device.number.major, device.number.minor, device.sector_count() / 2,
                  device.name());
}

std::optional<DeviceNumber> next_number(std::optional<DeviceNumber> number)
{
    std::optional<DeviceNumber> next;
    LockGuard guard(registry.mutex);
    for (const BlockDevice& device : registry.devices) {
        const u64 candidate = device.number.encode();
        if ((!number || candidate > number->encode()) && (!next || candidate < next->encode()))
            next = device.number;
    }
    return next;
}

std::optional<FixedText<64>> name_of(DeviceNumber number)
{
    LockGuard guard(registry.mutex);
    const BlockDevice* const device = find(number);
    return device == nullptr ? std::nullopt : std::optional(FixedText<64>("{}", device->name()));
}

Transfers total_transfers()
{
    Transfers total;
    LockGuard guard(registry.mutex);
    for (const BlockDevice& device : registry.devices)
        total += device.transfers();
    return total;
}

// Requests are not merged and not queued here, so the fields about that are 0.
void print_statistics(TextSink& out)
{
    constexpr u64 per_millisecond = 1'000'000;
    LockGuard guard(registry.mutex);
    for (const BlockDevice& device : registry.devices) {
        const Transfers moved = transfers_locked(device);
        const u64 read_time = moved.read_time / per_millisecond;
        const u64 write_time = moved.write_time / per_millisecond;
        format_to(out, "{:>4} {:>7} {} {} 0 {} {} {} 0 {} {} 0 {} {}\n", device.number.major, device.number.minor, device.name(),
                  moved.reads, moved.sectors_read, read_time, moved.writes, moved.sectors_written, write_time,
                  read_time + write_time, read_time + write_time);
    }
}

}  // namespace block
}  // namespace tenon
