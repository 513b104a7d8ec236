#pragma once

#include <array>
#include <span>

#include "modules/ext2/volume/geometry.h"

namespace tenon::ext2 {

struct Time {
    i64 seconds = 0;
    u32 nanoseconds = 0;
};

struct Device {
    u32 major = 0;
    u32 minor = 0;
};

// One inode as it stands on the medium, its size checked against its kind. Block numbers are checked when they are used.
struct InodeRecord {
    static constexpr usize block_slots = 15;    // 12 direct, then the roots of the three trees
    static constexpr usize smallest_size = 128;

    u32 number;
    u32 mode;
    u32 uid;
    u32 gid;
    u32 links;
    u64 size;
    u64 sectors;      // of 512 bytes, occupied on the medium
    u32 attribute_block;  // extended attributes; 0: none
    Time accessed;
    Time modified;
    Time changed;
    std::array<u32, block_slots> blocks;

    // `bytes` is the whole inode, geometry.inode_size long. Errno::stale for an inode that is not in use, uclean for one
    // that cannot be right, opnotsupp for one that needs what we lack.
    static Result<InodeRecord> parse(u32 number, std::span<const std::byte> bytes, const Geometry& geometry, Medium& medium);

    u32 type() const { return mode & 0170000; }
    bool is_directory() const { return type() == 0040000; }
    bool is_regular() const { return type() == 0100000; }
    bool is_symlink() const { return type() == 0120000; }
    bool is_device() const { return type() == 0020000 || type() == 0060000; }
    // A short link's text stands in place of the block numbers.
    bool is_fast_symlink(const Geometry& geometry) const;
    std::array<char, block_slots * 4> inline_text() const;
    Device device() const;
};

}  // namespace tenon::ext2
