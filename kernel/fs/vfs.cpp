#include "kernel/fs/vfs.h"

#include "kernel/fs/caller.h"
#include "kernel/fs/file_size.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/name_cache.h"
#include "kernel/fs/permission.h"
#include "kernel/fs/walk.h"
#include "kernel/lib/scope_exit.h"
#include <tenon/time.h>

namespace tenon::vfs {
namespace {

// The way to the directory in which a name is made or removed. The root directory has no name there.
Result<Walk> walk_to_parent(const Path& base, std::string_view name, Errno when_root, Errno when_dots)
{
    auto walk = TRY(Walk::start(base, name));
    TRY(walk.to_last());
    if (!walk.has_last())
        return fail(when_root);
    if (path_text::is_dots(walk.last()))
        return fail(when_dots);
    if (!walk.directory().inode().is_directory())
        return fail(Errno::notdir);
    return walk;
}

// Calls make(directory) to make the absent name at which `walk` has arrived, with the directory's names locked.
template <typename Make>
Result<> make_name(const Walk& walk, Make&& make)
{
    const Ref<Dentry>& directory = walk.directory().dentry();
    const auto guard = TRY(KillableLockGuard::take(directory->names_mutex()));
    auto entry = TRY(NameCache::look_up_locked(directory, walk.last()));
    if (entry->inode() != nullptr)
        return fail(Errno::exist);
    TRY(require_writable(walk.directory()));
    TRY(permission::require_change(*directory->inode()));
    TRY(make(*directory->inode()));
    NameCache::forget(*entry);
    return {};
}

// The existing entry at which `walk` has arrived, to be removed while the directory's names are locked and its own, too: nothing appears in
// it, and nothing is mounted there.
struct Removable {
    Ref<Dentry> entry;
    KillableLockGuard nothing_appears_in_it;
};

Result<Removable> find_removable(const Walk& walk)
{
    auto entry = TRY(NameCache::look_up_locked(walk.directory().dentry(), walk.last()));
    if (entry->inode() == nullptr)
        return fail(Errno::noent);
    TRY(require_writable(walk.directory()));
    TRY(permission::require_removal(walk.directory().inode(), *entry->inode()));
    auto guard = TRY(KillableLockGuard::take(entry->names_mutex()));
    if (entry->inode()->is_mount_point())
        return fail(Errno::busy);
    return Removable{std::move(entry), std::move(guard)};
}

}  // namespace

Path root()
{
    return mounts::root();
}

Path caller_root()
{
    const Path own = caller::root_directory();
    return own.is_empty() ? mounts::root() : own;
}

bool is_same_or_below(const Path& path, const Path& ancestor)
{
    Path at = path;
    for (;;) {
        if (at.mount() == ancestor.mount() && NameCache::is_same_or_below(*at.dentry(), *ancestor.dentry()))
            return true;
        Path place = mounts::cross_up(Path(at.mount(), at.mount()->root()));
        if (place.mount() == at.mount())
            return false;
        at = std::move(place);
    }
}

Result<> require_writable(const Path& path)
{
    if (path.mount()->is_read_only())
        return fail(Errno::rofs);
    return {};
}

Result<Path> resolve(const Path& base, std::string_view name, FollowLast follow, const ResolveRules& rules)
{
    auto walk = TRY(Walk::start(base, name, rules));
    for (;;) {
        TRY(walk.to_last());
        if (!walk.has_last())
            return walk.directory();
        if (!walk.directory().inode().is_directory())
            return fail(Errno::notdir);
        Path path = TRY(walk.look_up_last());
        if (!path.has_inode())
            return fail(Errno::noent);
        const u32 type = path.inode().type();
        if (type == mode::symlink && (follow == FollowLast::yes || walk.wants_directory())) {
            TRY(walk.follow(path));
            continue;
        }
        if (walk.wants_directory() && type != mode::directory)
            return fail(Errno::notdir);
        return path;
    }
}

Result<> make_node(const Path& base, std::string_view name, u32 mode, DeviceNumber device)
{
    const auto walk = TRY(walk_to_parent(base, name, Errno::exist, Errno::exist));
    return make_name(walk, [&](Inode& directory) -> Result<> {
        if (walk.wants_directory() && (mode & mode::type_mask) != mode::directory)
            return fail(Errno::noent);
        const u32 type = mode & mode::type_mask;
        if (type == mode::char_device || type == mode::block_device)
            TRY(tenon::require(Capability::mknod));
        TRY(directory.create(walk.last(), mode, device));
        return {};
    });
}

Result<> make_directory(const Path& base, std::string_view name, u32 permissions)
{
    return make_node(base, name, mode::directory | permissions, {});
}

Result<> make_symlink(const Path& base, std::string_view name, std::string_view target)
{
    const auto walk = TRY(walk_to_parent(base, name, Errno::exist, Errno::exist));
    return make_name(walk, [&](Inode& directory) { return directory.symlink(walk.last(), target); });
}

Result<> make_link(const Path& old_path, const Path& base, std::string_view name)
{
    const auto walk = TRY(walk_to_parent(base, name, Errno::exist, Errno::exist));
    if (old_path.mount() != walk.directory().mount())
        return fail(Errno::xdev);
    if (old_path.inode().is_directory())
        return fail(Errno::perm);
    TRY(permission::require_linkable(old_path.inode()));
    return make_name(walk, [&](Inode& directory) { return directory.link(walk.last(), old_path.inode()); });
}

Result<> remove_file(const Path& base, std::string_view name)
{
    const auto walk = TRY(walk_to_parent(base, name, Errno::isdir, Errno::isdir));
    const Ref<Dentry>& directory = walk.directory().dentry();
    const auto guard = TRY(KillableLockGuard::take(directory->names_mutex()));
    const auto [entry, nothing_appears_in_it] = TRY(find_removable(walk));
    if (entry->inode()->is_directory())
        return fail(Errno::isdir);
    if (walk.wants_directory())
        return fail(Errno::notdir);
    TRY(directory->inode()->unlink(walk.last()));
    NameCache::removed(*entry);
    return {};
}

Result<> remove_directory(const Path& base, std::string_view name)
{
    const auto walk = TRY(walk_to_parent(base, name, Errno::busy, name.ends_with("..") ? Errno::notempty : Errno::inval));
    const Ref<Dentry>& directory = walk.directory().dentry();
    const auto guard = TRY(KillableLockGuard::take(directory->names_mutex()));
    const auto [entry, nothing_appears_in_it] = TRY(find_removable(walk));
    if (!entry->inode()->is_directory())
        return fail(Errno::notdir);
    TRY(directory->inode()->rmdir(walk.last()));
    NameCache::removed(*entry);
    return {};
}

Result<> set_mode(const Path& path, u32 permissions)
{
    TRY(require_writable(path));
    const InodeAttributes now = path.inode().attributes();
    if (!permission::is_owner(current_credentials(), now))
        return fail(Errno::perm);
    return path.inode().set_mode(permission::changed_mode(current_credentials(), now, permissions));
}

Result<> set_owner(const Path& path, u32 uid, u32 gid)
{
    TRY(require_writable(path));
    Inode& inode = path.inode();
    const InodeAttributes now = inode.attributes();
    const bool changes = uid != unchanged_owner || gid != unchanged_owner;
    const u32 new_uid = uid == unchanged_owner ? now.uid : uid;
    const u32 new_gid = gid == unchanged_owner ? now.gid : gid;
    if (changes && !permission::may_change_owner(current_credentials(), now, new_uid, new_gid))
        return fail(Errno::perm);
    const u32 kept = permission::without_set_ids(now.mode);
    // The bits go first: not for a moment does the program run with the rights of its new owner.
    if ((now.mode & mode::type_mask) != mode::directory && kept != (now.mode & mode::permissions))
        TRY(inode.set_mode(kept));
    return inode.set_owner(new_uid, new_gid);
}

Result<> set_times(const Path& path, TimeSpec accessed, TimeSpec modified, SetsBothNow both_now)
{
    TRY(require_writable(path));
    const InodeAttributes now = path.inode().attributes();
    if (!permission::is_owner(current_credentials(), now)) {
        if (both_now == SetsBothNow::no)
            return fail(Errno::perm);
        TRY(permission::require_for(now, permission::write));
    }
    return path.inode().set_times(accessed, modified);
}

}  // namespace tenon::vfs
