#include "kernel/fs/devfs/devfs.h"

#include <memory>
#include <new>

#include <boost/intrusive/list.hpp>

#include "kernel/fs/mount.h"
#include "kernel/fs/ramfs/ramfs.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/text.h"
#include "kernel/proc/credentials.h"

namespace tenon::devfs {
namespace {

class Type final : public FileSystemType {
public:
    std::string_view name() const override { return "devtmpfs"; }
    NeedsDevice needs_device() const override { return NeedsDevice::no; }
    bool has_one_instance() const override { return true; }
    Result<std::unique_ptr<SuperBlock>> mount(const MountRequest&) override
    {
        constexpr u64 tmpfs_magic = 0x01021994;
        return ramfs::RamFs::create(tmpfs_magic, 0755);
    }
};

Type type;
Path* top;  // of a mount that is nowhere attached; made once, so that nodes can be added before /dev is mounted

// The node of a registered device. It is known by its inode: user space may have moved it or put something else in its place.
struct Registered : boost::intrusive::list_base_hook<> {
    FixedText<name_max> name;
    Ref<Inode> node;
};

Mutex mutex;
boost::intrusive::list<Registered> registered;  // protected by mutex

Registered* find_locked(std::string_view name)
{
    for (Registered& device : registered)
        if (device.name.view() == name)
            return &device;
    return nullptr;
}

// Takes away what user space put where a device belongs. A directory with something in it moves aside.
Result<> clear_place(std::string_view name)
{
    const auto there = vfs::resolve(*top, name, vfs::FollowLast::no);
    if (!there)
        return there.error() == Errno::noent ? Result<>() : fail(there.error());
    if (!there->inode().is_directory())
        return vfs::remove_file(*top, name);
    const auto removed = vfs::remove_directory(*top, name);
    if (removed || removed.error() != Errno::notempty)
        return removed;
    const FixedText<name_max + 1> aside("{}~", name);
    return vfs::rename(*top, name, *top, aside.view(), vfs::Replace::no);
}

Result<> make_parents(std::string_view name)
{
    for (usize slash = name.find('/'); slash != std::string_view::npos; slash = name.find('/', slash + 1)) {
        const std::string_view parent = name.substr(0, slash);
        const auto there = vfs::resolve(*top, parent, vfs::FollowLast::no);
        if (there && there->inode().is_directory())
            continue;
        TRY(clear_place(parent));
        TRY(vfs::make_directory(*top, parent, 0755));
    }
    return {};
}

}  // namespace

Result<> initialise()
{
    TRY(register_file_system(type, nullptr));
    auto file_system = TRY(FileSystem::open(type.name(), {}, type.name(), 0, {}));
    Ref<Dentry> root = file_system->root();
    auto mount = TRY(Mount::create(std::move(file_system), root, 0));
    top = new (std::nothrow) Path(std::move(mount), std::move(root));
    if (top == nullptr)
        return fail(Errno::nomem);
    TRY(vfs::make_directory(*top, "pts", 0755));
    TRY(vfs::make_directory(*top, "shm", 01777));
    TRY(vfs::make_symlink(*top, "fd", "/proc/self/fd"));
    TRY(vfs::make_symlink(*top, "stdin", "/proc/self/fd/0"));
    TRY(vfs::make_symlink(*top, "stdout", "/proc/self/fd/1"));
    return vfs::make_symlink(*top, "stderr", "/proc/self/fd/2");
}

// Whoever loads the driver: the nodes are root's.
Result<> add_node(std::string_view name, u32 node_type, u32 permissions, DeviceNumber number)
{
    const ActingAs kernel(Credentials::root());
    std::unique_ptr<Registered> device(new (std::nothrow) Registered);
    if (!device)
        return fail(Errno::nomem);
    LockGuard guard(mutex);
    if (find_locked(name) != nullptr)
        return fail(Errno::exist);
    TRY(make_parents(name));
    TRY(clear_place(name));
    TRY(vfs::make_node(*top, name, node_type | permissions, number));
    const auto made = TRY(vfs::resolve(*top, name, vfs::FollowLast::no));
    device->name.write(name);
    device->node = Ref<Inode>(&made.inode());
    registered.push_back(*device.release());
    return {};
}

void remove_node(std::string_view name)
{
    const ActingAs kernel(Credentials::root());
    std::unique_ptr<Registered> device;
    LockGuard guard(mutex);
    device.reset(find_locked(name));
    if (!device)
        return;
    registered.erase(registered.iterator_to(*device));
    const auto there = vfs::resolve(*top, name, vfs::FollowLast::no);
    if (there && &there->inode() == device->node.get())
        static_cast<void>(vfs::remove_file(*top, name));
}

}  // namespace tenon::devfs
