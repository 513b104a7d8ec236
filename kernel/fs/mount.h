#pragma once

#include <memory>
#include <string_view>

#include <boost/intrusive/list.hpp>

#include "kernel/fs/dentry.h"
#include "kernel/fs/module_pin.h"
#include "kernel/fs/path.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include <tenon/fs.h>

namespace tenon {

// A file system in use: the super block with its root name, the pinned type and device. Lives while it is mounted somewhere or
// an unmounted part of it is still open.
class FileSystem final : public RefCounted, public boost::intrusive::list_base_hook<> {
public:
    static Result<Ref<FileSystem>> create(FileSystemType& type, ModulePin type_pin, std::unique_ptr<SuperBlock> super_block,
                                          std::string_view source);
    ~FileSystem();

    FileSystemType& type() const { return type_; }
    SuperBlock& super_block() const { return *super_block_; }
    const Ref<Dentry>& root() const { return root_; }
    std::string_view source() const { return source_.view(); }
    u64 device_number() const { return device_number_; }  // st_dev
    void hold_device(ModulePin pin) { device_pin_ = std::move(pin); }
    void set_device_number(u64 number) { device_number_ = number; }

private:
    FileSystem(FileSystemType& type, ModulePin type_pin, std::unique_ptr<SuperBlock> super_block);

    FileSystemType& type_;
    ModulePin type_pin_;    // released after the super block is gone
    ModulePin device_pin_;
    std::unique_ptr<SuperBlock> super_block_;
    Ref<Dentry> root_;
    FixedText<120> source_;
    u64 device_number_;
};

// mount(2) flags, with Linux's values.
namespace mount_flag {
constexpr u64 read_only = 1;
constexpr u64 no_suid = 2;
constexpr u64 no_device = 4;
constexpr u64 no_exec = 8;
constexpr u64 remount = 32;
constexpr u64 bind = 4096;
constexpr u64 move = 8192;
constexpr u64 recursive = 16384;
constexpr u64 silent = 32768;
constexpr u64 propagation = 0xf << 17;
constexpr u64 kept = read_only | no_suid | no_device | no_exec | 1024 /* noatime */ | 2048 /* nodiratime */;
}  // namespace mount_flag

// A file system at a place in the tree.
class Mount final : public RefCounted, public boost::intrusive::list_base_hook<> {
public:
    // Not attached to the tree: for file systems that the kernel itself uses.
    static Result<Ref<Mount>> create(Ref<FileSystem> file_system, Ref<Dentry> root, u64 flags);
    ~Mount();

    FileSystem& file_system() const { return *file_system_; }
    const Ref<Dentry>& root() const { return root_; }
    u64 flags() const { return flags_.load(std::memory_order_relaxed); }
    void set_flags(u64 flags) { flags_.store(flags, std::memory_order_relaxed); }
    bool is_read_only() const { return (flags() & mount_flag::read_only) != 0; }

private:
    friend struct MountTable;
    Mount(Ref<FileSystem> file_system, Ref<Dentry> root, u64 flags);

    Ref<FileSystem> file_system_;
    Ref<Dentry> root_;
    std::atomic<u64> flags_;
    Path place_;  // what it covers; empty for the first mount and when detached. Protected by the mount table's lock
};

namespace mounts {

// The new file system of type `type_name` covers `place`.
Result<> mount(const Path& place, std::string_view type_name, std::string_view source, u64 flags, std::string_view options);
Result<> bind(const Path& place, const Path& source, u64 flags);
Result<> remount(const Path& place, u64 flags);
Result<> move(const Path& place, const Path& source);

enum class Detach : bool { no, yes };
// Errno::inval when `place` is not the root of a mount, busy when something below is in use (unless detached).
Result<> unmount(Path place, Detach detach);

// Makes the first mount; called once at boot.
Result<> mount_root(std::string_view type_name, std::string_view source);
Path root();

// The root of what covers `path`, else `path` itself.
Path cross_down(Path path);
// The place that the mount covers of whose root `path` is; `path` itself when it is no root or has no place.
Path cross_up(Path path);
bool is_mount_point(const Inode& inode);

// The lines of /proc/mounts, as seen from `root`; mountinfo of /proc/PID/mountinfo.
void describe(TextSink& out, const Path& root);
Result<> sync_all();

}  // namespace mounts

namespace file_systems {
// The type with its owner pinned; asks for the module `fs-NAME` when the name is not known. Errno::nodev.
struct PinnedType {
    FileSystemType* type;
    ModulePin pin;
};
Result<PinnedType> find(std::string_view name);
void describe(TextSink& out);  // /proc/filesystems
}  // namespace file_systems

}  // namespace tenon
