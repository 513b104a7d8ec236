#include "modules/ext2/volume/geometry.h"

#include <algorithm>

#include "kernel/lib/bits.h"

namespace tenon::ext2 {
namespace {

// Offsets in the superblock.
namespace at {
constexpr usize inode_count = 0x00;
constexpr usize block_count = 0x04;
constexpr usize reserved_blocks = 0x08;
constexpr usize free_blocks = 0x0c;
constexpr usize free_inodes = 0x10;
constexpr usize first_data_block = 0x14;
constexpr usize log_block_size = 0x18;
constexpr usize blocks_per_group = 0x20;
constexpr usize inodes_per_group = 0x28;
constexpr usize magic = 0x38;
constexpr usize state = 0x3a;
constexpr usize revision = 0x4c;
constexpr usize inode_size = 0x58;
constexpr usize features_incompatible = 0x60;
constexpr usize features_read_only = 0x64;
constexpr usize uuid = 0x68;
constexpr usize first_meta_group = 0x104;
}  // namespace at

// What a reader must understand. flex_bg only frees the bitmaps and inode tables from their groups.
constexpr u32 incompatible_file_type = 0x0002;
constexpr u32 incompatible_meta_groups = 0x0010;
constexpr u32 incompatible_flex_groups = 0x0200;
constexpr u32 incompatible_known = incompatible_file_type | incompatible_meta_groups | incompatible_flex_groups;
// What only a writer must understand, as far as it matters to us.
constexpr u32 read_only_sparse_super = 0x0001;
constexpr u32 read_only_descriptor_crc16 = 0x0010;
constexpr u32 read_only_metadata_crc32c = 0x0400;

constexpr u16 state_clean = 1;
constexpr u32 largest_log_block_size = 6;
constexpr u32 smallest_inode = 128;

class Superblock {
public:
    explicit Superblock(std::span<const std::byte, superblock_size> bytes) : bytes_(bytes) {}
    u16 u16_at(usize offset) const { return load_le<u16>(bytes_.subspan(offset)); }
    u32 u32_at(usize offset) const { return load_le<u32>(bytes_.subspan(offset)); }

private:
    std::span<const std::byte> bytes_;
};

struct IncompatibleName {
    u32 bit;
    std::string_view name;
};

constexpr std::array incompatible_names{
    IncompatibleName{0x0001, "compression"},  IncompatibleName{0x0004, "journal recovery"},
    IncompatibleName{0x0008, "external journal"}, IncompatibleName{0x0040, "extents"},
    IncompatibleName{0x0080, "64bit"},        IncompatibleName{0x8000, "inline data"},
    IncompatibleName{0x10000, "encryption"},
};

Result<> check_features(u32 incompatible, Medium& medium)
{
    const u32 unknown = incompatible & ~incompatible_known;
    if (unknown == 0)
        return {};
    for (const auto& [bit, name] : incompatible_names)
        if ((unknown & bit) != 0)
            return medium.fail(Errno::inval, "the volume needs {}, which is not supported (incompatible features {:#x})", name,
                               unknown);
    return medium.fail(Errno::inval, "the volume has unknown incompatible features {:#x}", unknown);
}

Result<> check_sizes(const Geometry& geometry, Medium& medium)
{
    const u32 bits_per_block = geometry.block_size * 8;
    if (u64{geometry.block_count} * geometry.block_size > medium.size())
        return medium.fail(Errno::inval, "{} blocks of {} bytes do not fit the device of {} bytes", geometry.block_count,
                           geometry.block_size, medium.size());
    if (geometry.first_data_block > 1 || geometry.first_data_block >= geometry.block_count)
        return medium.fail(Errno::inval, "first data block {} of {}", geometry.first_data_block, geometry.block_count);
    if (geometry.blocks_per_group == 0 || geometry.blocks_per_group > bits_per_block)
        return medium.fail(Errno::inval, "{} blocks per group", geometry.blocks_per_group);
    if (geometry.inodes_per_group == 0 || geometry.inodes_per_group > bits_per_block)
        return medium.fail(Errno::inval, "{} inodes per group", geometry.inodes_per_group);
    const bool inode_size_valid = std::has_single_bit(geometry.inode_size) && geometry.inode_size >= smallest_inode &&
                                  geometry.inode_size <= geometry.block_size;
    if (!inode_size_valid)
        return medium.fail(Errno::inval, "inodes of {} bytes", geometry.inode_size);
    return {};
}

Result<> check_inode_count(const Geometry& geometry, Medium& medium)
{
    const u64 room = u64{geometry.group_count} * geometry.inodes_per_group;
    if (geometry.inode_count < root_inode || geometry.inode_count > room)
        return medium.fail(Errno::inval, "{} inodes in {} groups of {}", geometry.inode_count, geometry.group_count,
                           geometry.inodes_per_group);
    return {};
}

bool is_power_of(u32 value, u32 base)
{
    while (value > 1 && value % base == 0)
        value /= base;
    return value == 1;
}

}  // namespace

Result<Geometry> Geometry::parse(std::span<const std::byte, superblock_size> bytes, Medium& medium)
{
    const Superblock superblock(bytes);
    if (superblock.u16_at(at::magic) != magic)
        return medium.fail(Errno::inval, "no ext2 volume: the magic number is missing");
    const bool revision_0 = superblock.u32_at(at::revision) == 0;
    const u32 incompatible = revision_0 ? 0 : superblock.u32_at(at::features_incompatible);
    const u32 read_only = revision_0 ? 0 : superblock.u32_at(at::features_read_only);
    TRY(check_features(incompatible, medium));
    const u32 log_block_size = superblock.u32_at(at::log_block_size);
    if (log_block_size > largest_log_block_size)
        return medium.fail(Errno::inval, "blocks of 2^{} bytes", u64{log_block_size} + 10);

    Geometry geometry{};
    geometry.block_size = 1024u << log_block_size;
    geometry.block_count = superblock.u32_at(at::block_count);
    geometry.first_data_block = superblock.u32_at(at::first_data_block);
    geometry.blocks_per_group = superblock.u32_at(at::blocks_per_group);
    geometry.inode_count = superblock.u32_at(at::inode_count);
    geometry.inodes_per_group = superblock.u32_at(at::inodes_per_group);
    geometry.inode_size = revision_0 ? smallest_inode : superblock.u16_at(at::inode_size);
    geometry.reserved_blocks = superblock.u32_at(at::reserved_blocks);
    geometry.free_blocks = superblock.u32_at(at::free_blocks);
    geometry.free_inodes = superblock.u32_at(at::free_inodes);
    const bool meta_groups = (incompatible & incompatible_meta_groups) != 0;
    geometry.first_meta_group = meta_groups ? superblock.u32_at(at::first_meta_group) : ~u32{0};
    geometry.sparse_super = (read_only & read_only_sparse_super) != 0;
    geometry.entries_have_type = (incompatible & incompatible_file_type) != 0;
    geometry.descriptors_have_crc16 =
        (read_only & (read_only_descriptor_crc16 | read_only_metadata_crc32c)) == read_only_descriptor_crc16;
    geometry.was_unmounted_cleanly = (superblock.u16_at(at::state) & state_clean) != 0;
    std::copy_n(bytes.begin() + at::uuid, geometry.uuid.size(), geometry.uuid.begin());

    TRY(check_sizes(geometry, medium));
    const u32 data_blocks = geometry.block_count - geometry.first_data_block;
    geometry.group_count = (data_blocks - 1) / geometry.blocks_per_group + 1;
    TRY(check_inode_count(geometry, medium));
    return geometry;
}

bool Geometry::group_has_superblock(u32 group) const
{
    return !sparse_super || group <= 1 || is_power_of(group, 3) || is_power_of(group, 5) || is_power_of(group, 7);
}

u64 Geometry::descriptor_offset(u32 group) const
{
    const u32 index = group / descriptors_per_block();
    const u64 within = u64{group % descriptors_per_block()} * 32;
    if (index < first_meta_group)
        return (u64{first_data_block} + 1 + index) * block_size + within;
    const u32 owner = index * descriptors_per_block();
    return (first_block_of_group(owner) + (group_has_superblock(owner) ? 1 : 0)) * block_size + within;
}

// Twelve direct blocks and three trees of pointers.
u64 Geometry::largest_file() const
{
    const u64 n = pointers_per_block();
    return (12 + n + n * n + n * n * n) * block_size;
}

}  // namespace tenon::ext2
