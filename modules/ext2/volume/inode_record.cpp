#include "modules/ext2/volume/inode_record.h"

#include "kernel/lib/bits.h"

namespace tenon::ext2 {
namespace {

// Offsets in the inode.
namespace at {
constexpr usize mode = 0x00;
constexpr usize uid = 0x02;
constexpr usize size = 0x04;
constexpr usize accessed = 0x08;
constexpr usize changed = 0x0c;
constexpr usize modified = 0x10;
constexpr usize gid = 0x18;
constexpr usize links = 0x1a;
constexpr usize sectors = 0x1c;
constexpr usize flags = 0x20;
constexpr usize blocks = 0x28;
constexpr usize attribute_block = 0x68;
constexpr usize size_high = 0x6c;
constexpr usize uid_high = 0x78;
constexpr usize gid_high = 0x7a;
constexpr usize extra_size = 0x80;
constexpr usize changed_extra = 0x84;
constexpr usize modified_extra = 0x88;
constexpr usize accessed_extra = 0x8c;
}  // namespace at

constexpr u32 flag_compressed = 0x00000004;
constexpr u32 flag_encrypted = 0x00000800;
constexpr u32 flag_extents = 0x00080000;
constexpr u32 flag_inline_data = 0x10000000;
constexpr u32 flags_refused = flag_compressed | flag_encrypted | flag_extents | flag_inline_data;

class Fields {
public:
    explicit Fields(std::span<const std::byte> bytes) : bytes_(bytes) {}
    u16 u16_at(usize offset) const { return load_le<u16>(bytes_.subspan(offset)); }
    u32 u32_at(usize offset) const { return load_le<u32>(bytes_.subspan(offset)); }

    // Seconds are signed. The extra word, when the inode has it, holds nanoseconds and two more bits of seconds.
    Time time_at(usize offset, usize extra_offset) const
    {
        Time time{static_cast<i32>(u32_at(offset)), 0};
        const bool has_extra = bytes_.size() > InodeRecord::smallest_size &&
                               InodeRecord::smallest_size + u16_at(at::extra_size) >= extra_offset + 4;
        if (has_extra) {
            const u32 extra = u32_at(extra_offset);
            time.seconds += i64{extra & 3} << 32;
            time.nanoseconds = (extra >> 2) < 1'000'000'000 ? extra >> 2 : 0;
        }
        return time;
    }

private:
    std::span<const std::byte> bytes_;
};

Result<> check(const InodeRecord& inode, u32 flags, const Geometry& geometry, Medium& medium)
{
    if (inode.mode == 0 || inode.links == 0)
        return medium.fail(Errno::stale, "inode {} is named but not in use", inode.number);
    if ((flags & flags_refused) != 0)
        return medium.fail(Errno::opnotsupp, "inode {} has the unsupported flags {:#x}", inode.number, flags & flags_refused);
    switch (inode.type()) {
    case 0040000:
        if (inode.size == 0 || inode.size % geometry.block_size != 0 || inode.size > ~u32{0})
            return medium.fail(Errno::uclean, "directory {} has {} bytes", inode.number, inode.size);
        return {};
    case 0100000:
        if (inode.size > geometry.largest_file())
            return medium.fail(Errno::uclean, "file {} has {} bytes", inode.number, inode.size);
        return {};
    case 0120000:
        if (inode.size == 0 || inode.size >= (inode.is_fast_symlink(geometry) ? InodeRecord::block_slots * 4 : geometry.block_size))
            return medium.fail(Errno::uclean, "symbolic link {} has {} bytes", inode.number, inode.size);
        return {};
    case 0010000:
    case 0020000:
    case 0060000:
    case 0140000:
        return {};
    default:
        return medium.fail(Errno::uclean, "inode {} is of the unknown type {:#x}", inode.number, inode.mode);
    }
}

}  // namespace

Result<InodeRecord> InodeRecord::parse(u32 number, std::span<const std::byte> bytes, const Geometry& geometry, Medium& medium)
{
    const Fields fields(bytes);
    InodeRecord inode{};
    inode.number = number;
    inode.mode = fields.u16_at(at::mode);
    inode.uid = fields.u16_at(at::uid) | (u32{fields.u16_at(at::uid_high)} << 16);
    inode.gid = fields.u16_at(at::gid) | (u32{fields.u16_at(at::gid_high)} << 16);
    inode.links = fields.u16_at(at::links);
    inode.size = fields.u32_at(at::size);
    if (inode.is_regular())
        inode.size |= u64{fields.u32_at(at::size_high)} << 32;
    inode.sectors = fields.u32_at(at::sectors);
    inode.attribute_block = fields.u32_at(at::attribute_block);
    inode.accessed = fields.time_at(at::accessed, at::accessed_extra);
    inode.modified = fields.time_at(at::modified, at::modified_extra);
    inode.changed = fields.time_at(at::changed, at::changed_extra);
    for (usize i = 0; i < block_slots; ++i)
        inode.blocks[i] = fields.u32_at(at::blocks + 4 * i);
    TRY(check(inode, fields.u32_at(at::flags), geometry, medium));
    return inode;
}

// It occupies no block but perhaps the one of its extended attributes.
bool InodeRecord::is_fast_symlink(const Geometry& geometry) const
{
    const u32 attribute_sectors = attribute_block != 0 ? geometry.block_size / 512 : 0;
    return is_symlink() && sectors == attribute_sectors;
}

std::array<char, InodeRecord::block_slots * 4> InodeRecord::inline_text() const
{
    return std::bit_cast<std::array<char, block_slots * 4>>(blocks);
}

// The old 16-bit number stands in the first slot; when it is 0 the second holds the 32-bit one.
Device InodeRecord::device() const
{
    if (blocks[0] != 0)
        return {(blocks[0] >> 8) & 0xff, blocks[0] & 0xff};
    const u32 value = blocks[1];
    return {(value >> 8) & 0xfff, (value & 0xff) | ((value >> 12) & 0xfff00)};
}

}  // namespace tenon::ext2
