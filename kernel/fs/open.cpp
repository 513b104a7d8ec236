#include <new>

#include "kernel/dev/block/registry.h"
#include "kernel/fs/devfs/char_devices.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/name_cache.h"
#include "kernel/fs/permission.h"
#include "kernel/fs/pipe/fifo.h"
#include "kernel/fs/vfs.h"
#include "kernel/fs/walk.h"

// From a name to an open file.

namespace tenon::vfs {
namespace {

struct Target {
    Path path;
    Ref<OpenFile> file = {};  // of what was made, so that opening it cannot lack memory
    bool created = false;
};

bool wants_to_write(u32 flags)
{
    return (flags & open_flag::access_mask) != open_flag::read_only;
}

// A new file in place of `negative`, or nothing. The directory's names are locked.
Result<Ref<Dentry>> make_file(const Ref<Dentry>& directory, std::string_view name, Dentry& negative, u32 permissions)
{
    auto inode = TRY(directory->inode()->create(name, mode::regular | permissions, {}));
    auto entry = NameCache::made(directory, name, negative, std::move(inode));
    if (!entry)
        static_cast<void>(directory->inode()->unlink(name));
    return entry;
}

// What the walk's last component names; an absent file is made when the flags ask for it.
Result<Target> find_or_create(const Walk& walk, u32 flags, u32 permissions)
{
    if (!walk.directory().inode().is_directory())
        return fail(Errno::notdir);
    Target target;
    target.path = TRY(walk.look_up_last());
    if (target.path.has_inode())
        return target;
    if ((flags & open_flag::create) == 0)
        return fail(Errno::noent);
    if (walk.wants_directory())
        return fail(Errno::isdir);
    TRY(require_writable(walk.directory()));
    TRY(permission::require_change(walk.directory().inode()));

    const Ref<Dentry>& directory = walk.directory().dentry();
    const auto guard = TRY(KillableLockGuard::take(directory->names_mutex()));
    auto entry = TRY(NameCache::look_up_locked(directory, walk.last()));
    if (entry->inode() == nullptr) {
        target.file = TRY(OpenFile::prepare());
        entry = TRY(make_file(directory, walk.last(), *entry, permissions));
        target.created = true;
    }
    target.path = Path(walk.directory().mount(), std::move(entry));
    return target;
}

Result<Target> find_target(const Path& base, std::string_view name, u32 flags, u32 permissions, const ResolveRules& rules)
{
    const bool exclusive = (flags & open_flag::create) != 0 && (flags & open_flag::exclusive) != 0;
    auto walk = TRY(Walk::start(base, name, rules));
    for (;;) {
        TRY(walk.to_last());
        if (!walk.has_last())
            return Target{.path = walk.directory()};
        auto target = TRY(find_or_create(walk, flags, permissions));
        if ((flags & open_flag::create) != 0 && !target.created)
            TRY(permission::require_trusted(walk.directory().inode(), target.path.inode()));
        if (exclusive && !target.created)
            return fail(Errno::exist);
        const u32 type = target.path.inode().type();
        const bool follow = (flags & open_flag::no_follow) == 0 || walk.wants_directory();
        if (type == mode::symlink && follow) {
            TRY(walk.follow(target.path));
            continue;
        }
        if (type == mode::symlink && (flags & open_flag::path_only) == 0)
            return fail(Errno::loop);
        if (walk.wants_directory() && type != mode::directory)
            return fail(Errno::notdir);
        return target;
    }
}

// What the flags ask of the permission bits. A file just made was asked for by who made it.
Result<> check_permission(const Target& target, const InodeAttributes& attributes, u32 flags)
{
    constexpr u32 wanted_by_access[] = {permission::read, permission::write, permission::read | permission::write,
                                        permission::read | permission::write};
    const u32 type = attributes.mode & mode::type_mask;
    const bool is_device = type == mode::char_device || type == mode::block_device;
    if (is_device && (target.path.mount()->flags() & mount_flag::no_device) != 0)
        return fail(Errno::acces);
    u32 wanted = wanted_by_access[flags & open_flag::access_mask];
    if ((flags & open_flag::truncate) != 0)
        wanted |= permission::write;
    if (!target.created)
        TRY(permission::require_for(attributes, wanted));
    const bool only_owner = (flags & open_flag::no_access_time) != 0;
    if (only_owner && !permission::is_owner(current_credentials(), attributes))
        return fail(Errno::perm);
    return {};
}

Result<> check_kind(const Path& path, u32 type, u32 flags)
{
    const bool is_directory = type == mode::directory;
    if ((flags & open_flag::directory) != 0 && !is_directory)
        return fail(Errno::notdir);
    if (is_directory && (wants_to_write(flags) || (flags & open_flag::create) != 0))
        return fail(Errno::isdir);
    if (type == mode::regular && (wants_to_write(flags) || (flags & open_flag::truncate) != 0))
        return require_writable(path);
    return {};
}

Result<Opened> open_inode(Inode& inode, u32 type, u32 flags)
{
    Opened opened;
    switch (type) {
    case mode::char_device:
        return char_devices::open(inode.attributes().device, flags);
    case mode::block_device:
        opened.operations = TRY(block::open(inode.attributes().device, flags));
        return opened;
    case mode::fifo:
        opened.operations = TRY(inode.open(flags));  // of a pipe without a name
        if (!opened.operations)
            opened.operations = TRY(fifo::open(inode, flags));
        return opened;
    case mode::socket:
        return fail(Errno::nxio);
    default:
        opened.operations = TRY(inode.open(flags));
        return opened;
    }
}

Result<Ref<OpenFile>> open_target(const Target& target, u32 flags)
{
    Inode& inode = target.path.inode();
    Opened opened;
    if ((flags & open_flag::path_only) == 0) {
        TRY(require_possible(flags));
        const InodeAttributes attributes = inode.attributes();
        const u32 type = attributes.mode & mode::type_mask;
        TRY(check_kind(target.path, type, flags));
        TRY(check_permission(target, attributes, flags));
        opened = TRY(open_inode(inode, type, flags));
    } else if ((flags & open_flag::directory) != 0 && !inode.is_directory()) {
        return fail(Errno::notdir);
    }
    constexpr u32 only_for_opening = open_flag::create | open_flag::exclusive | open_flag::truncate |
                                     open_flag::no_controlling_tty | open_flag::async | open_flag::close_on_exec;
    auto file = target.file ? target.file : TRY(OpenFile::prepare());
    TRY(file->open(target.path, std::move(opened), flags & ~only_for_opening));
    const bool cuts = (flags & open_flag::truncate) != 0 && (flags & open_flag::path_only) == 0;
    if (cuts && !target.created && inode.is_regular())
        TRY(truncate(target.path, 0));
    return file;
}

// The flags that act together; those that no call knows are ignored (Linux, open).
Result<u32> check_flags(u32 flags)
{
    constexpr u32 of_places = open_flag::directory | open_flag::no_follow | open_flag::close_on_exec | open_flag::path_only;
    if ((flags & open_flag::path_only) != 0)
        return flags & of_places;
    const bool makes_unnamed = (flags & open_flag::unnamed) != 0;
    const bool wants_directory = (flags & open_flag::directory) != 0;
    if ((flags & open_flag::create) != 0 && wants_directory)
        return fail(Errno::inval);
    if (makes_unnamed && (!wants_directory || !wants_to_write(flags)))
        return fail(Errno::inval);
    return flags;
}

// O_TMPFILE: a file in the directory `name`, to which only linkat may give a name, unless O_EXCL forbids it.
Result<Ref<OpenFile>> open_unnamed(const Path& base, std::string_view name, u32 flags, u32 permissions, const ResolveRules& rules)
{
    const auto follow = (flags & open_flag::no_follow) != 0 ? FollowLast::no : FollowLast::yes;
    const auto directory = TRY(resolve(base, name, follow, rules));
    if (!directory.inode().is_directory())
        return fail(Errno::notdir);
    TRY(permission::require_change(directory.inode()));
    TRY(require_writable(directory));
    const auto linkable = (flags & open_flag::exclusive) != 0 ? Linkable::no : Linkable::yes;
    auto inode = TRY(directory.inode().create_unnamed(permissions, linkable));
    const FixedText<24> shown("#{}", inode->attributes().number);
    auto entry = TRY(NameCache::make_gone(directory.dentry(), shown.view(), std::move(inode)));
    const Target target{.path = Path(directory.mount(), std::move(entry)), .created = true};
    return open_target(target, flags & ~(open_flag::unnamed | open_flag::directory | open_flag::exclusive));
}

}  // namespace

Result<Ref<OpenFile>> open(const Path& base, std::string_view name, u32 flags, u32 permissions, const ResolveRules& rules)
{
    flags = TRY(check_flags(flags));
    if ((flags & open_flag::unnamed) != 0)
        return open_unnamed(base, name, flags, permissions, rules);
    return open_target(TRY(find_target(base, name, flags, permissions, rules)), flags);
}

Result<Ref<OpenFile>> open_program(const Path& path)
{
    if ((path.mount()->flags() & mount_flag::no_exec) != 0 || !path.inode().is_regular())
        return fail(Errno::acces);
    TRY(permission::require(path.inode(), permission::execute));
    Opened opened;
    opened.operations = TRY(path.inode().open(open_flag::read_only));
    return OpenFile::create(path, std::move(opened), open_flag::read_only, ForRunning::yes);
}

}  // namespace tenon::vfs
