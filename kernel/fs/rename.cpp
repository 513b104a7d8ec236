#include <optional>

#include "kernel/fs/mount.h"
#include "kernel/fs/name_cache.h"
#include "kernel/fs/permission.h"
#include "kernel/fs/vfs.h"
#include "kernel/fs/walk.h"

namespace tenon::vfs {
namespace {

Result<> take(std::optional<KillableLockGuard>& guard, Mutex& mutex)
{
    auto taken = TRY(KillableLockGuard::take(mutex));
    guard.emplace(std::move(taken));
    return {};
}

// The names of two directories, locked. An ancestor is locked before what is below it, as rmdir does.
class TwoDirectories : NoCopy {
public:
    Result<> lock(Dentry& a, Dentry& b)
    {
        const bool swap = NameCache::is_same_or_below(a, b);
        TRY(take(first_, (swap ? b : a).names_mutex()));
        return &a == &b ? Result<>() : take(second_, (swap ? a : b).names_mutex());
    }

private:
    std::optional<KillableLockGuard> first_;
    std::optional<KillableLockGuard> second_;
};

Result<Walk> walk_to_name(const Path& base, std::string_view name)
{
    auto walk = TRY(Walk::start(base, name));
    TRY(walk.to_last());
    if (!walk.has_last() || path_text::is_dots(walk.last()))
        return fail(Errno::busy);
    if (!walk.directory().inode().is_directory())
        return fail(Errno::notdir);
    return walk;
}

// A slash behind the name of something that is no directory (Linux, rename).
Result<> check_slashes(const Walk& from, const Walk& to, const Dentry& entry, const Dentry& target, Replace replace)
{
    const bool is_directory = entry.inode()->is_directory();
    if (!is_directory && (from.wants_directory() || (replace != Replace::exchange && to.wants_directory())))
        return fail(Errno::notdir);
    if (replace == Replace::exchange && to.wants_directory() && !target.inode()->is_directory())
        return fail(Errno::notdir);
    return {};
}

Result<> check_kinds(const Walk& from, const Walk& to, const Dentry& entry, const Dentry& target, Replace replace)
{
    if (replace == Replace::exchange && target.inode() == nullptr)
        return fail(Errno::noent);
    TRY(check_slashes(from, to, entry, target, replace));
    const bool is_directory = entry.inode()->is_directory();
    if (is_directory && NameCache::is_same_or_below(*to.directory().dentry(), entry))
        return fail(Errno::inval);
    if (target.inode() == nullptr)
        return {};
    if (replace == Replace::no)
        return fail(Errno::exist);
    if (NameCache::is_same_or_below(*from.directory().dentry(), target))
        return fail(replace == Replace::exchange ? Errno::inval : Errno::notempty);
    if (replace == Replace::yes && is_directory != target.inode()->is_directory())
        return fail(is_directory ? Errno::notdir : Errno::isdir);
    return {};
}

// The right to take the name away, to make or replace the other, and to change the ".." of a directory that moves.
Result<> check_permission(const Walk& from, const Walk& to, const Inode& moved, const Inode* replaced)
{
    const Inode& source = from.directory().inode();
    const Inode& destination = to.directory().inode();
    TRY(permission::require_removal(source, moved));
    TRY(replaced != nullptr ? permission::require_removal(destination, *replaced) : permission::require_change(destination));
    if (moved.is_directory() && &source != &destination)
        return permission::require(moved, permission::write);
    return {};
}

}  // namespace

Result<> rename(const Path& old_base, std::string_view old_name, const Path& new_base, std::string_view new_name,
                Replace replace)
{
    const auto from = TRY(walk_to_name(old_base, old_name));
    const auto to = TRY(walk_to_name(new_base, new_name));
    if (from.directory().mount() != to.directory().mount())
        return fail(Errno::xdev);
    auto move = TRY(NameCache::Move::prepare(to.last()));

    const Ref<Dentry>& old_directory = from.directory().dentry();
    const Ref<Dentry>& new_directory = to.directory().dentry();
    std::optional<KillableLockGuard> tree_stands_still;
    if (old_directory != new_directory)
        TRY(take(tree_stands_still, old_directory->inode()->super_block().tree_mutex()));
    TwoDirectories locked;
    TRY(locked.lock(*old_directory, *new_directory));
    auto entry = TRY(NameCache::look_up_locked(old_directory, from.last()));
    auto target = TRY(NameCache::look_up_locked(new_directory, to.last()));
    if (entry->inode() == nullptr)
        return fail(Errno::noent);
    TRY(check_kinds(from, to, *entry, *target, replace));
    TRY(require_writable(from.directory()));
    if (entry->inode() == target->inode())
        return {};
    std::optional<KillableLockGuard> nothing_appears_in_target;
    if (target->inode() != nullptr && replace != Replace::exchange)
        TRY(take(nothing_appears_in_target, target->names_mutex()));
    if (entry->inode()->is_mount_point() || (target->inode() != nullptr && target->inode()->is_mount_point()))
        return fail(Errno::busy);
    TRY(check_permission(from, to, *entry->inode(), target->inode()));

    if (replace == Replace::exchange) {
        TRY(check_permission(to, from, *target->inode(), entry->inode()));
        TRY(old_directory->inode()->exchange(from.last(), *new_directory->inode(), to.last()));
        NameCache::exchange(*entry, *target);
        return {};
    }
    TRY(old_directory->inode()->rename(from.last(), *new_directory->inode(), to.last()));
    NameCache::move(*entry, *target, new_directory, std::move(move));
    return {};
}

}  // namespace tenon::vfs
