#pragma once

#include <array>
#include <span>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

// Reads the partition tables that disks carry: GPT (UEFI specification 2.10, chapter 5) and MBR with logical partitions.
// Knows no device: it also builds for the host.

namespace tenon::partition_table {

struct Entry {
    u64 first = 0;    // sector of 512 bytes
    u64 count = 0;
    u32 number = 0;   // from 1: the digit of "vda1"
};

class Entries {
public:
    static constexpr usize limit = 15;

    std::span<const Entry> view() const { return std::span(entries_).first(count_); }
    // What lies outside the disk, is empty or has no room here is left out.
    void add(const Entry& entry, u64 disk_sectors);

private:
    std::array<Entry, limit> entries_{};
    usize count_ = 0;
};

// Where the table is read from.
class SectorReader {
public:
    virtual Result<> read(u64 sector, std::span<std::byte> out) = 0;
    virtual u64 sector_count() const = 0;

protected:
    ~SectorReader() = default;
};

// Empty when the disk has no table that is valid. Errors are those of the reader.
Result<Entries> read(SectorReader& reader);

}  // namespace tenon::partition_table
