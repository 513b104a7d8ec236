#include "kernel/fs/permission_rules.h"

namespace tenon::permission {
namespace {

bool is_directory(const InodeAttributes& object)
{
    return (object.mode & mode::type_mask) == mode::directory;
}

// Owner, group and others; the first class that fits decides.
u32 allowed_bits(const CredentialValues& who, const InodeAttributes& object)
{
    if (who.user.file == object.uid)
        return (object.mode >> 6) & 7;
    if (who.is_in_group(object.gid))
        return (object.mode >> 3) & 7;
    return object.mode & 7;
}

}  // namespace

bool allows(const CredentialValues& who, const InodeAttributes& object, u32 wanted)
{
    if ((wanted & ~allowed_bits(who, object)) == 0)
        return true;
    if (who.has(Capability::dac_read_search) && ((wanted & ~read) == 0 || (is_directory(object) && (wanted & write) == 0)))
        return true;
    constexpr u32 any_execute = 0111;
    const bool can_run = is_directory(object) || (wanted & execute) == 0 || (object.mode & any_execute) != 0;
    return can_run && who.has(Capability::dac_override);
}

bool is_owner(const CredentialValues& who, const InodeAttributes& object)
{
    return who.user.file == object.uid || who.has(Capability::fowner);
}

bool is_kept_by_sticky_bit(const CredentialValues& who, const InodeAttributes& directory, const InodeAttributes& object)
{
    return (directory.mode & mode::sticky) != 0 && who.user.file != directory.uid && !is_owner(who, object);
}

bool may_follow(const CredentialValues& who, const InodeAttributes& directory, const InodeAttributes& link)
{
    constexpr u32 everybody_writes = mode::sticky | 0002;
    return who.user.file == link.uid || (directory.mode & everybody_writes) != everybody_writes || directory.uid == link.uid;
}

bool may_link(const CredentialValues& who, const InodeAttributes& object)
{
    if (is_owner(who, object))
        return true;
    constexpr u32 runs_as_group = mode::set_group_id | mode::group_execute;
    return (object.mode & mode::type_mask) == mode::regular && (object.mode & mode::set_user_id) == 0 &&
           (object.mode & runs_as_group) != runs_as_group && allows(who, object, read | write);
}

bool may_trust(const CredentialValues& who, const InodeAttributes& directory, const InodeAttributes& object)
{
    return (directory.mode & mode::sticky) == 0 || object.uid == directory.uid || object.uid == who.user.file;
}

NewObject make_object(const CredentialValues& who, const InodeAttributes& directory, u32 mode)
{
    NewObject made{.uid = who.user.file, .gid = who.group.file, .mode = mode};
    if ((directory.mode & mode::set_group_id) == 0)
        return made;
    made.gid = directory.gid;
    constexpr u32 runs_as_group = mode::set_group_id | mode::group_execute;
    if ((mode & mode::type_mask) == mode::directory)
        made.mode |= mode::set_group_id;
    else if ((mode & runs_as_group) == runs_as_group && !who.is_in_group(made.gid) && !who.has(Capability::fsetid))
        made.mode &= ~mode::set_group_id;
    return made;
}

u32 changed_mode(const CredentialValues& who, const InodeAttributes& object, u32 permissions)
{
    permissions &= mode::permissions;
    if (!who.is_in_group(object.gid) && !who.has(Capability::fsetid))
        permissions &= ~mode::set_group_id;
    return permissions;
}

bool may_change_owner(const CredentialValues& who, const InodeAttributes& object, u32 uid, u32 gid)
{
    if (who.has(Capability::chown))
        return true;
    if (uid == object.uid && gid == object.gid)
        return who.user.file == object.uid;
    return who.user.file == object.uid && uid == object.uid && (gid == object.gid || who.is_in_group(gid));
}

u32 without_set_ids(u32 mode)
{
    mode &= mode::permissions & ~mode::set_user_id;
    return (mode & mode::group_execute) != 0 ? mode & ~mode::set_group_id : mode;
}

}  // namespace tenon::permission
