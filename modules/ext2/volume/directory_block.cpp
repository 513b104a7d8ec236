#include "modules/ext2/volume/directory_block.h"

#include <array>

#include "kernel/lib/bits.h"

namespace tenon::ext2 {
namespace {

constexpr u32 header_size = 8;
constexpr u32 largest_block = 65536;

u32 mode_type(u8 type)
{
    constexpr std::array<u32, 8> types{0, 0100000, 0040000, 0020000, 0060000, 0010000, 0140000, 0120000};
    return type < types.size() ? types[type] : 0;
}

bool is_name_valid(std::string_view name)
{
    return !name.empty() && name.find('/') == name.npos && name.find('\0') == name.npos;
}

}  // namespace

// A length that 16 bits cannot hold is written as 0 or 65535, in blocks of 64 KiB.
DirectoryBlock::Header DirectoryBlock::header_at(u32 offset) const
{
    const auto bytes = bytes_.subspan(offset, header_size);
    Header header{load_le<u32>(bytes), load_le<u16>(bytes.subspan(4)), load_le<u8>(bytes.subspan(6)), 0};
    const u8 last = load_le<u8>(bytes.subspan(7));
    if (entries_have_type_)
        header.type = last;
    else
        header.name_length |= u32{last} << 8;
    if (bytes_.size() == largest_block && (header.length == 0 || header.length == 0xffff))
        header.length = largest_block;
    return header;
}

Result<DirectoryBlock> DirectoryBlock::parse(std::span<const std::byte> bytes, const Geometry& geometry, u32 directory,
                                             Medium& medium)
{
    const DirectoryBlock block(bytes, geometry.entries_have_type);
    const u32 size = static_cast<u32>(bytes.size());
    for (u32 offset = 0; offset < size;) {
        const bool has_header = size - offset >= header_size;
        const Header header = has_header ? block.header_at(offset) : Header{};
        const bool sound = has_header && header.length >= header_size && header.length % 4 == 0 &&
                           header.length <= size - offset && header.name_length <= header.length - header_size &&
                           header.name_length <= 255;
        if (!sound)
            return medium.fail(Errno::uclean, "directory {}: broken entry at offset {} of a block", directory, offset);
        const auto name = bytes.subspan(offset + header_size, header.name_length);
        const std::string_view text(reinterpret_cast<const char*>(name.data()), name.size());
        if (header.inode != 0 && (header.inode > geometry.inode_count || !is_name_valid(text)))
            return medium.fail(Errno::uclean, "directory {}: entry at offset {} of a block with inode {} of {}", directory, offset,
                               header.inode, geometry.inode_count);
        offset += header.length;
    }
    return block;
}

std::optional<DirectoryEntry> DirectoryBlock::first_from(u32 offset) const
{
    u32 at = 0;
    while (at < bytes_.size() && at < offset)
        at += header_at(at).length;
    return first_in_use(at);
}

std::optional<DirectoryEntry> DirectoryBlock::first_in_use(u32 entry_offset) const
{
    for (u32 at = entry_offset; at < bytes_.size();) {
        const Header entry = header_at(at);
        const u32 next_offset = at + entry.length;
        if (entry.inode != 0) {
            const auto name = bytes_.subspan(at + header_size, entry.name_length);
            const std::string_view text(reinterpret_cast<const char*>(name.data()), name.size());
            return DirectoryEntry{at, next_offset, entry.inode, mode_type(entry.type), text};
        }
        at = next_offset;
    }
    return std::nullopt;
}

}  // namespace tenon::ext2
