#pragma once

#include <memory>
#include <span>

#include "modules/ext2/volume/geometry.h"
#include "modules/ext2/volume/inode_record.h"
#include "modules/ext2/volume/medium.h"

namespace tenon::ext2 {

using Crc16 = u16 (*)(u16 crc, std::span<const std::byte> data);

// Blocks of a file that follow each other on the medium.
struct Run {
    u64 first = 0;   // block number on the medium; 0: a hole, which reads as zeros
    u32 count = 0;   // at least 1
};

// A volume whose superblock and group descriptors have been checked. Reads what they lead to; constant, so that several
// threads may use it at once.
class Volume {
public:
    // The medium outlives the volume; it hears of everything that is wrong. `crc16` checks group descriptors on volumes that
    // have such checksums. Errno::inval, uclean, nomem or what the medium says.
    static Result<std::unique_ptr<Volume>> open(Medium& medium, Crc16 crc16);

    const Geometry& geometry() const { return geometry_; }

    Result<InodeRecord> read_inode(u32 number) const;
    // Where block `index` of the file stands, and how many of the blocks behind it, up to `limit`, follow it there.
    Result<Run> map(const InodeRecord& inode, u64 index, u32 limit) const;
    // Fills `page`, a part of the file of page.size() bytes that starts at a multiple of it; zeros for holes and behind the
    // end of the file. The size is a power of two from 512 up.
    Result<> read_page(const InodeRecord& inode, u64 index, std::span<std::byte> page) const;
    // The same for pages [first, +pages.size()), with few and large reads of the medium.
    Result<> read_pages(const InodeRecord& inode, u64 first, std::span<const std::span<std::byte>> pages) const;

private:
    Volume(Medium& medium, const Geometry& geometry) : medium_(medium), geometry_(geometry) {}

    Result<> read_groups(Crc16 crc16);
    Result<u32> check_descriptor(u32 group, std::span<const std::byte, 32> descriptor, Crc16 crc16) const;
    Result<Run> map_tree(const InodeRecord& inode, u64 index, u32 depth, u32 root, u32 limit) const;
    Result<usize> read_together(const InodeRecord& inode, u64 first, std::span<const std::span<std::byte>> pages) const;
    Result<Run> run_at(const InodeRecord& inode, u64 offset, u32 available) const;
    Result<u32> checked_block(const InodeRecord& inode, u32 block) const;

    Medium& medium_;
    const Geometry geometry_;
    std::unique_ptr<u32[]> inode_tables_;  // of each group: the first block
};

}  // namespace tenon::ext2
