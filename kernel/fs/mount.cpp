#include "kernel/fs/mount.h"

#include <new>

#include "kernel/fs/vfs.h"
#include "kernel/lib/panic.h"

namespace tenon {

// All attached mounts. Each holds the place that it covers, and so the mount below.
struct MountTable {
    using List = boost::intrusive::list<Mount>;

    Mutex mutex;  // protects the list, the places and the inodes' mount counts
    List list;    // in mounting order; holds a reference to each
    Ref<Mount> first;

    // The topmost mount that covers exactly `path`; null when none does.
    Mount* find(const Path& path)
    {
        for (auto at = list.rbegin(); at != list.rend(); ++at)
            if (at->place_.dentry().get() != nullptr && at->place_.mount() == path.mount() &&
                &at->place_.inode() == &path.inode())
                return &*at;
        return nullptr;
    }

    void attach(Ref<Mount> mount, Path place)
    {
        place.inode().mounts_.fetch_add(1, std::memory_order_relaxed);
        mount->place_ = std::move(place);
        list.push_back(*mount.leak());
    }

    // The caller drops what is returned without the mutex.
    struct Detached {
        Ref<Mount> mount;
        Path place;
    };
    Detached detach(Mount& mount)
    {
        list.erase(list.iterator_to(mount));
        Detached detached{Ref<Mount>::adopt(&mount), std::move(mount.place_)};
        mount.place_ = Path();
        detached.place.inode().mounts_.fetch_sub(1, std::memory_order_relaxed);
        return detached;
    }

    Mount* find_child(const Mount& parent)
    {
        for (auto at = list.rbegin(); at != list.rend(); ++at)
            if (at->place_.mount().get() == &parent)
                return &*at;
        return nullptr;
    }

    static const Path& place(const Mount& mount) { return mount.place_; }
};

namespace {

MountTable table;

bool is_mount_root(const Path& path)
{
    return path.dentry() == path.mount()->root();
}

Result<> check_place(const Path& place, const Inode& root)
{
    if (place.inode().is_directory() != root.is_directory())
        return fail(Errno::notdir);
    return {};
}

void attach_on_top(Ref<Mount> mount, Path place)
{
    LockGuard guard(table.mutex);
    while (Mount* const above = table.find(place))
        place = Path(Ref<Mount>(above), above->root());
    table.attach(std::move(mount), std::move(place));
}

}  // namespace

Mount::Mount(Ref<FileSystem> file_system, Ref<Dentry> root, u64 flags)
    : file_system_(std::move(file_system)), root_(std::move(root)), flags_(flags & mount_flag::kept)
{
}

Mount::~Mount() = default;

Result<Ref<Mount>> Mount::create(Ref<FileSystem> file_system, Ref<Dentry> root, u64 flags)
{
    auto mount = adopt_ref(new (std::nothrow) Mount(std::move(file_system), std::move(root), flags));
    if (!mount)
        return fail(Errno::nomem);
    return mount;
}

bool Mount::is_read_only() const
{
    return (flags() & mount_flag::read_only) != 0 || file_system_->super_block().is_read_only();
}

namespace mounts {

Result<> mount(const Path& place, const Path& base, std::string_view type_name, std::string_view source, u64 flags,
               std::string_view options)
{
    auto file_system = TRY(FileSystem::open(type_name, base, source, flags, options));
    TRY(check_place(place, *file_system->root()->inode()));
    Ref<Dentry> root = file_system->root();
    attach_on_top(TRY(Mount::create(std::move(file_system), std::move(root), flags)), place);
    return {};
}

Result<> bind(const Path& place, const Path& source)
{
    TRY(check_place(place, source.inode()));
    Ref<FileSystem> file_system(&source.mount()->file_system());
    attach_on_top(TRY(Mount::create(std::move(file_system), source.dentry(), source.mount()->flags())), place);
    return {};
}

Result<> remount(const Path& place, u64 flags)
{
    if (!is_mount_root(place))
        return fail(Errno::inval);
    if ((flags & mount_flag::read_only) != 0)
        TRY(place.mount()->file_system().super_block().sync());
    place.mount()->set_flags(flags & mount_flag::kept);
    return {};
}

Result<> move(const Path& place, const Path& source)
{
    if (!is_mount_root(source))
        return fail(Errno::inval);
    TRY(check_place(place, source.inode()));
    MountTable::Detached detached;
    LockGuard guard(table.mutex);
    if (MountTable::place(*source.mount()).is_empty())
        return fail(Errno::inval);
    for (Path at = place; !at.is_empty(); at = MountTable::place(*at.mount()))
        if (at.mount() == source.mount())
            return fail(Errno::loop);
    detached = table.detach(*source.mount());
    table.attach(detached.mount, place);
    return {};
}

Result<> unmount(Path place, Detach mode)
{
    if (!is_mount_root(place))
        return fail(Errno::inval);
    TRY(place.mount()->file_system().super_block().sync());
    Ref<Mount> mount = place.mount();
    place = Path();
    for (;;) {
        MountTable::Detached detached;
        LockGuard guard(table.mutex);
        if (!mount->is_linked())
            return fail(Errno::inval);
        if (MountTable::place(*mount).is_empty())
            return fail(Errno::busy);
        Mount* const child = table.find_child(*mount);
        constexpr u32 table_and_caller = 2;
        if (mode == Detach::no && (child != nullptr || mount->reference_count() > table_and_caller))
            return fail(Errno::busy);
        detached = table.detach(child != nullptr ? *child : *mount);
        if (child == nullptr)
            return {};
    }
}

Result<> mount_root(std::string_view type_name)
{
    auto file_system = TRY(FileSystem::open(type_name, {}, type_name, 0, {}));
    Ref<Dentry> root = file_system->root();
    table.first = TRY(Mount::create(std::move(file_system), std::move(root), 0));
    table.list.push_back(*Ref<Mount>(table.first).leak());
    return {};
}

Path root()
{
    return Path(table.first, table.first->root());
}

Path cross_down(Path path)
{
    LockGuard guard(table.mutex);
    while (path.inode().is_mount_point()) {
        Mount* const above = table.find(path);
        if (above == nullptr)
            break;
        path = Path(Ref<Mount>(above), above->root());
    }
    return path;
}

Path cross_up(Path path)
{
    while (is_mount_root(path)) {
        LockGuard guard(table.mutex);
        const Path& place = MountTable::place(*path.mount());
        if (place.is_empty())
            break;
        path = place;
    }
    return path;
}

Ref<Mount> nth(usize index)
{
    LockGuard guard(table.mutex);
    for (Mount& mount : table.list)
        if (index-- == 0)
            return Ref<Mount>(&mount);
    return {};
}

}  // namespace mounts
}  // namespace tenon
