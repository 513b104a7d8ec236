#include "modules/ext2/volume/volume.h"

#include <algorithm>
#include <new>

#include "kernel/lib/bits.h"

namespace tenon::ext2 {
namespace {

// Offsets in a group descriptor.
constexpr usize descriptor_size = 32;
constexpr usize inode_table_at = 0x08;
constexpr usize checksum_at = 0x1e;

}  // namespace

Result<std::unique_ptr<Volume>> Volume::open(Medium& medium, Crc16 crc16)
{
    std::array<std::byte, superblock_size> superblock;
    if (medium.size() < superblock_offset + superblock_size)
        return medium.fail(Errno::inval, "no ext2 volume: the device has only {} bytes", medium.size());
    TRY(medium.read_metadata(superblock_offset, superblock));
    const Geometry geometry = TRY(Geometry::parse(superblock, medium));
    std::unique_ptr<Volume> volume(new (std::nothrow) Volume(medium, geometry));
    if (volume == nullptr)
        return tenon::fail(Errno::nomem);
    TRY(volume->read_groups(crc16));
    return volume;
}

Result<> Volume::read_groups(Crc16 crc16)
{
    inode_tables_.reset(new (std::nothrow) u32[geometry_.group_count]);
    if (inode_tables_ == nullptr)
        return tenon::fail(Errno::nomem);
    for (u32 group = 0; group < geometry_.group_count; ++group) {
        std::array<std::byte, descriptor_size> descriptor;
        const u64 offset = geometry_.descriptor_offset(group);
        if (offset + descriptor_size > u64{geometry_.block_count} * geometry_.block_size)
            return medium_.fail(Errno::uclean, "the descriptor of group {} lies outside the volume", group);
        TRY(medium_.read_metadata(offset, descriptor));
        const u32 table = TRY(check_descriptor(group, descriptor, crc16));
        inode_tables_[group] = table;
    }
    return {};
}

// The checksum covers the volume's UUID, the group's number and the descriptor up to the checksum itself.
Result<u32> Volume::check_descriptor(u32 group, std::span<const std::byte, 32> descriptor, Crc16 crc16) const
{
    if (geometry_.descriptors_have_crc16) {
        std::array<std::byte, 4> number;
        store_le(std::span(number), group);
        u16 crc = crc16(0xffff, geometry_.uuid);
        crc = crc16(crc, number);
        crc = crc16(crc, descriptor.first(checksum_at));
        const u16 stored = load_le<u16>(descriptor.subspan(checksum_at));
        if (crc != stored)
            return medium_.fail(Errno::uclean, "group {}: the descriptor's checksum is {:#06x}, not {:#06x}", group, crc, stored);
    }
    const u32 table = load_le<u32>(descriptor.subspan(inode_table_at));
    const u64 end = u64{table} + geometry_.inode_table_blocks();
    if (table <= geometry_.first_data_block || end > geometry_.block_count)
        return medium_.fail(Errno::uclean, "group {}: the inode table stands at block {} of {}", group, table,
                            geometry_.block_count);
    return table;
}

Result<InodeRecord> Volume::read_inode(u32 number) const
{
    if (number == 0 || number > geometry_.inode_count)
        return medium_.fail(Errno::uclean, "inode {} of {}", number, geometry_.inode_count);
    const u32 group = (number - 1) / geometry_.inodes_per_group;
    const u32 index = (number - 1) % geometry_.inodes_per_group;
    const u64 offset = u64{inode_tables_[group]} * geometry_.block_size + u64{index} * geometry_.inode_size;

    // The fields that we know stand in the first 256 bytes of larger inodes.
    std::array<std::byte, 256> bytes;
    const auto inode = std::span(bytes).first(std::min<usize>(bytes.size(), geometry_.inode_size));
    TRY(medium_.read_metadata(offset, inode));
    return InodeRecord::parse(number, inode, geometry_, medium_);
}

Result<u32> Volume::checked_block(const InodeRecord& inode, u32 block) const
{
    if (block != 0 && !geometry_.contains_block(block))
        return medium_.fail(Errno::uclean, "inode {} refers to block {} of {}", inode.number, block, geometry_.block_count);
    return block;
}

Result<Run> Volume::map(const InodeRecord& inode, u64 index, u32 limit) const
{
    constexpr u64 direct = 12;
    const u64 n = geometry_.pointers_per_block();
    if (index < direct) {
        Run run;
        const u32 first = TRY(checked_block(inode, inode.blocks[index]));
        run.first = first;
        const u32 available = static_cast<u32>(std::min<u64>(limit, direct - index));
        for (run.count = 1; run.count < available; ++run.count)
            if (inode.blocks[index + run.count] != (first == 0 ? 0 : first + run.count))
                break;
        return run;
    }
    index -= direct;
    if (index < n)
        return map_tree(inode, index, 1, inode.blocks[12], limit);
    index -= n;
    if (index < n * n)
        return map_tree(inode, index, 2, inode.blocks[13], limit);
    index -= n * n;
    if (index < n * n * n)
        return map_tree(inode, index, 3, inode.blocks[14], limit);
    return medium_.fail(Errno::uclean, "inode {} has no block {}", inode.number, index);
}

// Walks down a tree of `depth` levels of pointer blocks whose root is block `root`.
Result<Run> Volume::map_tree(const InodeRecord& inode, u64 index, u32 depth, u32 root, u32 limit) const
{
    const u64 n = geometry_.pointers_per_block();
    u32 block = root;
    u64 below = 1;  // file blocks under one pointer of this level
    for (u32 level = 1; level < depth; ++level)
        below *= n;
    for (;; below /= n) {
        TRY(checked_block(inode, block));
        const u64 slot = index / below % n;
        if (block == 0)
            return Run{0, static_cast<u32>(std::min<u64>(limit, n - index % n))};
        const u64 offset = u64{block} * geometry_.block_size + slot * 4;
        if (below == 1)
            return run_at(inode, offset, static_cast<u32>(std::min<u64>(limit, n - slot)));
        std::array<std::byte, 4> pointer;
        TRY(medium_.read_metadata(offset, pointer));
        block = load_le<u32>(pointer);
    }
}

// The run that starts with the pointer at that place of the medium, of `available` pointers that stand there.
Result<Run> Volume::run_at(const InodeRecord& inode, u64 offset, u32 available) const
{
    std::array<std::byte, 64 * 4> pointers;
    const u32 count = std::min<u32>(available, pointers.size() / 4);
    TRY(medium_.read_metadata(offset, std::span(pointers).first(count * 4)));
    Run run;
    const u32 first = TRY(checked_block(inode, load_le<u32>(pointers)));
    run.first = first;
    for (run.count = 1; run.count < count; ++run.count)
        if (load_le<u32>(std::span(pointers).subspan(run.count * 4)) != (first == 0 ? 0 : first + run.count))
            break;
    return run;
}

Result<> Volume::read_page(const InodeRecord& inode, u64 index, std::span<std::byte> page) const
{
    const u64 start = index * page.size();
    const u64 present = start < inode.size ? std::min<u64>(page.size(), inode.size - start) : 0;
    const u64 block_size = geometry_.block_size;
    for (u64 done = 0; done < present;) {
        const u64 position = start + done;
        const u64 within = position % block_size;
        const u32 wanted = static_cast<u32>((within + present - done + block_size - 1) / block_size);
        const Run run = TRY(map(inode, position / block_size, wanted));
        if (run.first != 0 && run.first + run.count > geometry_.block_count)
            return medium_.fail(Errno::uclean, "inode {} reaches beyond block {}", inode.number, geometry_.block_count);
        const u64 length = std::min<u64>(run.count * block_size - within, page.size() - done);
        const auto part = page.subspan(done, length);
        if (run.first == 0)
            std::fill(part.begin(), part.end(), std::byte{0});
        else
            TRY(medium_.read_data(run.first * block_size + within, std::span(&part, 1)));
        done += length;
    }
    std::fill(page.begin() + static_cast<isize>(present), page.end(), std::byte{0});
    return {};
}

Result<> Volume::read_pages(const InodeRecord& inode, u64 first, std::span<const std::span<std::byte>> pages) const
{
    while (!pages.empty()) {
        const usize together = TRY(read_together(inode, first, pages));
        if (together == 0)
            TRY(read_page(inode, first, pages[0]));
        const usize done = std::max<usize>(together, 1);
        first += done;
        pages = pages.subspan(done);
    }
    return {};
}

// Reads the leading pages that stand in one run of blocks and wholly inside the file; how many that were.
Result<usize> Volume::read_together(const InodeRecord& inode, u64 first, std::span<const std::span<std::byte>> pages) const
{
    const u64 size = pages[0].size();
    const u64 whole = inode.size / size - std::min(first, inode.size / size);
    const u64 wanted = std::min<u64>(whole, pages.size());
    if (wanted < 2 || size % geometry_.block_size != 0)
        return 0;
    const u64 blocks_per_page = size / geometry_.block_size;
    const Run run = TRY(map(inode, first * blocks_per_page, static_cast<u32>(wanted * blocks_per_page)));
    const usize count = static_cast<usize>(run.count / blocks_per_page);
    if (run.first == 0 || count < 2 || run.first + run.count > geometry_.block_count)
        return 0;
    TRY(medium_.read_data(run.first * geometry_.block_size, pages.first(count)));
    return count;
}

}  // namespace tenon::ext2
