#pragma once

#include "kernel/lib/result.h"
#include "kernel/proc/credentials.h"
#include <tenon/fs.h>

// What the permission bits of a file allow to whom (path_resolution(7), "Permissions"; inode(7); chmod(2); chown(2)). Pure.

namespace tenon::permission {

// The bits of one class of a mode; together they are what somebody wants.
constexpr u32 execute = 1;  // of a directory: search
constexpr u32 write = 2;
constexpr u32 read = 4;

// Whether `who` may do all of `wanted`. Capabilities count.
bool allows(const CredentialValues& who, const InodeAttributes& object, u32 wanted);

// Owner, or CAP_FOWNER.
bool is_owner(const CredentialValues& who, const InodeAttributes& object);

// Whether the sticky bit of `directory` keeps `who` from removing or renaming `object` in it.
bool is_kept_by_sticky_bit(const CredentialValues& who, const InodeAttributes& directory, const InodeAttributes& object);

// Whether `who` may follow `link` in `directory`: in a sticky directory that everybody may write, only one's own and the directory's
// owner's (proc(5), protected_symlinks).
bool may_follow(const CredentialValues& who, const InodeAttributes& directory, const InodeAttributes& link);

// Whether `who` may give the object another name: its owner, and who may read and write it, if it lends nobody's rights (proc(5),
// protected_hardlinks).
bool may_link(const CredentialValues& who, const InodeAttributes& object);

// Whether nobody but `who` and the owner of a sticky `directory` can have laid `object` there.
bool may_trust(const CredentialValues& who, const InodeAttributes& directory, const InodeAttributes& object);

// The owner and the mode of what `who` makes in `directory`; `mode` is what was asked for, the umask applied. The group and the
// bit come from a directory with the set-group-id bit.
struct NewObject {
    u32 uid;
    u32 gid;
    u32 mode;
};
NewObject make_object(const CredentialValues& who, const InodeAttributes& directory, u32 mode);

// The mode after chmod by `who`: without the set-group-id bit for a group that is not the caller's.
u32 changed_mode(const CredentialValues& who, const InodeAttributes& object, u32 permissions);

// Whether `who` may give the object to `uid` and `gid`.
bool may_change_owner(const CredentialValues& who, const InodeAttributes& object, u32 uid, u32 gid);

// The permissions without what must not survive a change of owner or content: the set-user-id bit and, where the group may
// execute, the set-group-id bit.
u32 without_set_ids(u32 mode);

}  // namespace tenon::permission
