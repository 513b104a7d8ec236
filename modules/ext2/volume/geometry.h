#pragma once

#include <array>
#include <span>

#include "modules/ext2/volume/medium.h"

// The superblock. Format: Linux's Documentation/filesystems/ext2 and ext4 ("Super Block"), e2fsprogs' lib/ext2fs.

namespace tenon::ext2 {

constexpr u64 superblock_offset = 1024;
constexpr usize superblock_size = 1024;
constexpr u32 root_inode = 2;
constexpr u64 magic = 0xef53;

// What the superblock says, checked: every number is in its range and fits the others.
struct Geometry {
    u32 block_size;
    u32 block_count;
    u32 first_data_block;
    u32 blocks_per_group;
    u32 group_count;
    u32 inode_count;
    u32 inodes_per_group;
    u32 inode_size;
    u32 reserved_blocks;
    u32 free_blocks;
    u32 free_inodes;
    u32 first_meta_group;  // descriptor blocks from this one on stand in their own groups; ~0: none does
    bool sparse_super;
    bool entries_have_type;
    bool descriptors_have_crc16;
    bool was_unmounted_cleanly;
    std::array<std::byte, 16> uuid;

    // Errno::inval when it is no ext2 volume that we can read; the medium hears why.
    static Result<Geometry> parse(std::span<const std::byte, superblock_size> superblock, Medium& medium);

    bool contains_block(u64 block) const { return block >= first_data_block && block < block_count; }
    u32 descriptors_per_block() const { return block_size / 32; }
    u64 inode_table_blocks() const { return (u64{inodes_per_group} * inode_size + block_size - 1) / block_size; }
    u32 pointers_per_block() const { return block_size / 4; }
    u64 first_block_of_group(u32 group) const { return first_data_block + u64{group} * blocks_per_group; }
    bool group_has_superblock(u32 group) const;
    // Where the 32 bytes of the group's descriptor stand on the medium.
    u64 descriptor_offset(u32 group) const;
    u64 largest_file() const;
};

}  // namespace tenon::ext2
