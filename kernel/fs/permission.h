#pragma once

#include <atomic>

#include "kernel/fs/path.h"
#include "kernel/fs/permission_rules.h"

// The same rules asked for the calling thread.

namespace tenon::permission {

// Errno::acces.
Result<> require(const Inode& inode, u32 wanted);
Result<> require_for(const InodeAttributes& object, u32 wanted);

// The step through a directory: search permission. Nearly every directory lets everybody through, so this is inline.
inline Result<> require_search(const InodeAttributes& directory)
{
    constexpr u32 all_may_search = 0111;
    if ((directory.mode & all_may_search) == all_may_search) [[likely]]
        return {};
    return require_for(directory, execute);
}

// Making a name in a directory: write and search. Removing one: also what the sticky bit says (Errno::perm).
Result<> require_change(const Inode& directory);
Result<> require_removal(const Inode& directory, const Inode& object);

// What keeps somebody with rights from using what others have laid in their way, in /proc/sys/fs: 0 is off, and 2 takes in directories that
// only a group may write.
struct Protection {
    std::atomic<u32> symlinks{1};
    std::atomic<u32> hardlinks{1};
    std::atomic<u32> fifos{0};
    std::atomic<u32> regular{0};
};
extern Protection protection;

// Whether the link may be followed as the last part of a name. Errno::acces.
Result<> require_followable(const Inode& directory, const Inode& link);
// Whether the object may get one more name. Errno::perm.
Result<> require_linkable(const Inode& object);
// Whether what was found where it might have been made may be opened (O_CREAT). Errno::acces.
Result<> require_trusted(const Inode& directory, const Inode& object);

// Takes the set-id bits off a regular file that the caller has changed the content of, unless it has CAP_FSETID.
Result<> drop_set_ids(Inode& inode);

}  // namespace tenon::permission
