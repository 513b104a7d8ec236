#pragma once

#include "kernel/dev/block/partition_table.h"
#include "kernel/lib/text.h"
#include <tenon/block.h>

namespace tenon::block {

// A part of a disk as a device of its own. It lives between registration and unregistration of the disk.
class Partition final : public BlockDevice {
public:
    Partition(BlockDevice& disk, const partition_table::Entry& entry);

    std::string_view name() const override { return name_.view(); }
    u64 sector_count() const override { return count_; }
    bool is_read_only() const override { return disk_.is_read_only(); }
    Result<> read_sectors(u64 first, std::span<std::byte> out) override { return disk_.read_sectors(first_ + first, out); }
    Result<> write_sectors(u64 first, std::span<const std::byte> data) override
    {
        return disk_.write_sectors(first_ + first, data);
    }
    Result<> read_scattered(u64 first, std::span<const std::span<std::byte>> parts) override
    {
        return disk_.read_scattered(first_ + first, parts);
    }
    Result<> flush() override { return disk_.flush(); }

    const BlockDevice& disk() const { return disk_; }

private:
    BlockDevice& disk_;
    FixedText<39> name_;
    u64 first_;
    u64 count_;
};

}  // namespace tenon::block
