#include <new>

#include "kernel/dev/block/registry.h"
#include "kernel/fs/devfs/char_devices.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/name_cache.h"
#include "kernel/fs/pipe/fifo.h"
#include "kernel/fs/vfs.h"
#include "kernel/fs/walk.h"

// From a name to an open file.

namespace tenon::vfs {
namespace {

struct Target {
    Path path;
    Ref<OpenFile> file = {};  // a pipe that is open already, reached through /proc/PID/fd
    bool created = false;
};

bool wants_to_write(u32 flags)
{
    return (flags & open_flag::access_mask) != open_flag::read_only;
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

    const Ref<Dentry>& directory = walk.directory().dentry();
    const auto guard = TRY(KillableLockGuard::take(directory->names_mutex()));
    auto entry = TRY(NameCache::look_up_locked(directory, walk.last()));
    if (entry->inode() == nullptr) {
        auto inode = TRY(directory->inode()->create(walk.last(), mode::regular | permissions, {}));
        entry = TRY(NameCache::made(directory, walk.last(), *entry, std::move(inode)));
        target.created = true;
    }
    target.path = Path(walk.directory().mount(), std::move(entry));
    return target;
}

Result<Target> find_target(const Path& base, std::string_view name, u32 flags, u32 permissions)
{
    const bool exclusive = (flags & open_flag::create) != 0 && (flags & open_flag::exclusive) != 0;
    auto walk = TRY(Walk::start(base, name));
    for (;;) {
        TRY(walk.to_last());
        if (!walk.has_last())
            return Target{.path = walk.directory()};
        auto target = TRY(find_or_create(walk, flags, permissions));
        if (exclusive && !target.created)
            return fail(Errno::exist);
        const u32 type = target.path.inode().type();
        const bool follow = (flags & open_flag::no_follow) == 0 || walk.wants_directory();
        if (type == mode::symlink && follow) {
            target.file = target.path.inode().linked_file();
            if (target.file && target.file->path().is_empty())
                return target;
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
        const u32 type = inode.type();
        TRY(check_kind(target.path, type, flags));
        opened = TRY(open_inode(inode, type, flags));
        if ((flags & open_flag::truncate) != 0 && type == mode::regular && !target.created)
            TRY(truncate(target.path, 0));
    } else if ((flags & open_flag::directory) != 0 && !inode.is_directory()) {
        return fail(Errno::notdir);
    }
    constexpr u32 only_for_opening = open_flag::create | open_flag::exclusive | open_flag::truncate |
                                     open_flag::no_controlling_tty | open_flag::close_on_exec;
    return OpenFile::create(target.path, std::move(opened), flags & ~only_for_opening);
}

}  // namespace

Result<Ref<OpenFile>> open(const Path& base, std::string_view name, u32 flags, u32 permissions)
{
    const auto target = TRY(find_target(base, name, flags, permissions));
    if (target.file)
        return target.file;
    return open_target(target, flags);
}

Result<Ref<OpenFile>> open(const Path& path, u32 flags)
{
    return open_target({.path = path}, flags);
}

}  // namespace tenon::vfs
