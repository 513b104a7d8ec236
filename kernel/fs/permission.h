#pragma once

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

// Takes the set-id bits off a regular file that the caller has changed the content of, unless it has CAP_FSETID.
Result<> drop_set_ids(Inode& inode);

}  // namespace tenon::permission
