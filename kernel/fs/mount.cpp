#include "kernel/fs/mount.h"

#include <new>
#include <utility>

#include "kernel/fs/vfs.h"
#include "kernel/lib/panic.h"

namespace tenon {

// All attached mounts: a tree by their places, and a list in mounting order. Each holds the place that it covers, and so its parent.
struct MountTable {
    using OrderHook = boost::intrusive::list_base_hook<boost::intrusive::tag<MountOrder>>;
    using List = boost::intrusive::list<Mount, boost::intrusive::base_hook<OrderHook>>;

    Mutex mutex;  // protects the list, the tree, the places and the inodes' mount counts
    List list;    // holds a reference to each
    Ref<Mount> first;

    static bool is_attached(const Mount& mount) { return static_cast<const OrderHook&>(mount).is_linked(); }

    // The topmost mount that covers exactly `path`; null when none does.
    static Mount* find(const Path& path)
    {
        Mount::Children& children = path.mount()->children_;
        for (auto at = children.rbegin(); at != children.rend(); ++at)
            if (&at->place_.inode() == &path.inode())
                return &*at;
        return nullptr;
    }

    void attach(Ref<Mount> mount, Path place)
    {
        place.inode().mounts_.fetch_add(1, std::memory_order_relaxed);
        place.mount()->children_.push_back(*mount);
        mount->place_ = std::move(place);
        list.push_back(*mount.leak());
    }

    // What left the tree; the caller lets go of it without the mutex, which may end file systems.
    class Detached : NoCopy {
    public:
        ~Detached()
        {
            mounts_.clear_and_dispose([](Mount* mount) {
                static_cast<void>(mount->file_system().super_block().sync());
                mount->former_place_ = Path();
                Ref<Mount>::adopt(mount).reset();
            });
        }
        void add(Mount& mount) { mounts_.push_back(mount); }

    private:
        List mounts_;
    };

    void detach(Mount& mount, Detached& detached)
    {
        leave(mount);
        mount.former_place_ = std::exchange(mount.place_, Path());
        detached.add(mount);
    }

    // The mounts below leave before the ones that they cover: each becomes a tree of its own.
    void detach_subtree(Mount& top, Detached& detached)
    {
        for (;;) {
            Mount* leaf = &top;
            while (!leaf->children_.empty())
                leaf = &leaf->children_.back();
            detach(*leaf, detached);
            if (leaf == &top)
                return;
        }
    }

    // With all that is below it; `former_place` leaves the mutex before it is dropped.
    void move(Mount& mount, Path place, Path& former_place)
    {
        leave(mount);
        former_place = std::exchange(mount.place_, Path());
        attach(Ref<Mount>::adopt(&mount), std::move(place));
    }

    static bool has_children(const Mount& mount) { return !mount.children_.empty(); }
    static const Path& place(const Mount& mount) { return mount.place_; }

private:
    void leave(Mount& mount)
    {
        list.erase(list.iterator_to(mount));
        Mount::Children& siblings = mount.place_.mount()->children_;
        siblings.erase(siblings.iterator_to(mount));
        mount.place_.inode().mounts_.fetch_sub(1, std::memory_order_relaxed);
    }
};

namespace {

MountTable table;
constinit std::atomic<u32> next_id{1};

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

// Nothing may be attached where nobody could ever detach it again. The names in `place` are locked until it is, as those of what is
// removed are from the question whether something is mounted there.
Result<> check_attachable_locked(const Path& place)
{
    if (!MountTable::is_attached(*place.mount()))
        return fail(Errno::inval);
    if (place.dentry()->is_gone())
        return fail(Errno::noent);
    return {};
}

Result<> attach_on_top(Ref<Mount> mount, Path place)
{
    const Ref<Dentry> wanted = place.dentry();
    const auto stays = TRY(KillableLockGuard::take(wanted->names_mutex()));
    LockGuard guard(table.mutex);
    TRY(check_attachable_locked(place));
    while (Mount* const above = MountTable::find(place))
        place = Path(Ref<Mount>(above), above->root());
    table.attach(std::move(mount), std::move(place));
    return {};
}

}  // namespace

Mount::Mount(Ref<FileSystem> file_system, Ref<Dentry> root, u64 flags)
    : id_(next_id.fetch_add(1, std::memory_order_relaxed)),
      file_system_(std::move(file_system)),
      root_(std::move(root)),
      flags_(flags & mount_flag::kept)
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
    return attach_on_top(TRY(Mount::create(std::move(file_system), std::move(root), flags)), place);
}

Result<> bind(const Path& place, const Path& source)
{
    TRY(check_place(place, source.inode()));
    {
        LockGuard guard(table.mutex);
        if (!MountTable::is_attached(*source.mount()))
            return fail(Errno::inval);
    }
    Ref<FileSystem> file_system(&source.mount()->file_system());
    return attach_on_top(TRY(Mount::create(std::move(file_system), source.dentry(), source.mount()->flags())), place);
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
    Path former_place;
    const auto stays = TRY(KillableLockGuard::take(place.dentry()->names_mutex()));
    LockGuard guard(table.mutex);
    if (MountTable::place(*source.mount()).is_empty())
        return fail(Errno::inval);
    TRY(check_attachable_locked(place));
    for (Path at = place; !at.is_empty(); at = MountTable::place(*at.mount()))
        if (at.mount() == source.mount())
            return fail(Errno::loop);
    table.move(*source.mount(), place, former_place);
    return {};
}

Result<> unmount(Path place, Detach mode)
{
    if (!is_mount_root(place))
        return fail(Errno::inval);
    TRY(place.mount()->file_system().super_block().sync());
    Ref<Mount> mount = place.mount();
    place = Path();
    MountTable::Detached detached;
    LockGuard guard(table.mutex);
    if (!MountTable::is_attached(*mount))
        return fail(Errno::inval);
    if (MountTable::place(*mount).is_empty())
        return fail(Errno::busy);
    constexpr u32 table_and_caller = 2;
    const bool in_use = MountTable::has_children(*mount) || mount->reference_count() > table_and_caller;
    if (mode == Detach::no && in_use)
        return fail(Errno::busy);
    table.detach_subtree(*mount, detached);
    return {};
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
        Mount* const above = MountTable::find(path);
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
