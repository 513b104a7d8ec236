#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "modules/ext2/volume/geometry.h"

namespace tenon::ext2 {

struct DirectoryEntry {
    u32 offset;       // in the block
    u32 next_offset;
    u32 inode;
    u32 type;         // the mode's type bits; 0: the entry does not say
    std::string_view name;
};

// One block of a directory whose chain of entries has been checked to its end.
class DirectoryBlock {
public:
    // Errno::uclean when the chain is broken. The bytes outlive the view.
    static Result<DirectoryBlock> parse(std::span<const std::byte> bytes, const Geometry& geometry, u32 directory,
                                        Medium& medium);

    // The first entry in use at or behind `offset`, which may lie in the middle of an entry; "." and ".." included.
    std::optional<DirectoryEntry> first_from(u32 offset) const;
    std::optional<DirectoryEntry> after(const DirectoryEntry& entry) const { return first_in_use(entry.next_offset); }

private:
    DirectoryBlock(std::span<const std::byte> bytes, bool entries_have_type)
        : bytes_(bytes), entries_have_type_(entries_have_type)
    {
    }

    struct Header {
        u32 inode;
        u32 length;
        u32 name_length;
        u8 type;
    };
    Header header_at(u32 offset) const;
    std::optional<DirectoryEntry> first_in_use(u32 entry_offset) const;

    std::span<const std::byte> bytes_;
    bool entries_have_type_;
};

}  // namespace tenon::ext2
