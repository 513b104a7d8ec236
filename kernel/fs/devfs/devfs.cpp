#include "kernel/fs/devfs/devfs.h"

#include <new>

#include "kernel/fs/mount.h"
#include "kernel/fs/ramfs/ramfs.h"
#include "kernel/fs/vfs.h"

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
        return ramfs::RamFs::create(tmpfs_magic);
    }
};

Type type;
Path* top;  // of a mount that is nowhere attached; made once, so that nodes can be added before /dev is mounted

Result<> make_parents(std::string_view name)
{
    for (usize slash = name.find('/'); slash != std::string_view::npos; slash = name.find('/', slash + 1)) {
        const auto made = vfs::make_directory(*top, name.substr(0, slash), 0755);
        if (!made && made.error() != Errno::exist)
            return made;
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

Result<> add_node(std::string_view name, u32 node_type, u32 permissions, DeviceNumber number)
{
    TRY(make_parents(name));
    return vfs::make_node(*top, name, node_type | permissions, number);
}

// The node may have been removed or replaced by user space: nothing more to do then.
void remove_node(std::string_view name)
{
    static_cast<void>(vfs::remove_file(*top, name));
}

}  // namespace tenon::devfs
