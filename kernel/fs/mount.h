#pragma once

#include <atomic>
#include <string_view>

#include <boost/intrusive/list.hpp>

#include "kernel/fs/dentry.h"
#include "kernel/fs/file_system.h"
#include "kernel/fs/path.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include "kernel/mm/ledger.h"
#include <tenon/fs.h>

namespace tenon {

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

struct MountOrder;
struct MountSiblings;

// A file system at a place in the tree. The mounts are a tree themselves: the parent of one is the mount that its place lies in.
class Mount final : public RefCounted,
                    public boost::intrusive::list_base_hook<boost::intrusive::tag<MountOrder>>,
                    public boost::intrusive::list_base_hook<boost::intrusive::tag<MountSiblings>> {
public:
    // Not attached to the tree: for file systems that the kernel itself uses.
    static Result<Ref<Mount>> create(Ref<FileSystem> file_system, Ref<Dentry> root, u64 flags);
    ~Mount();

    u32 id() const { return id_; }  // never given twice; what /proc/PID/mountinfo shows
    FileSystem& file_system() const { return *file_system_; }
    const Ref<Dentry>& root() const { return root_; }
    u64 flags() const { return flags_.load(std::memory_order_relaxed); }
    void set_flags(u64 flags) { flags_.store(flags, std::memory_order_relaxed); }
    bool is_read_only() const;  // by its flags or because the file system is

private:
    friend struct MountTable;
    Mount(Ref<FileSystem> file_system, Ref<Dentry> root, u64 flags);

    using SiblingHook = boost::intrusive::list_base_hook<boost::intrusive::tag<MountSiblings>>;
    using Children =
        boost::intrusive::list<Mount, boost::intrusive::base_hook<SiblingHook>, boost::intrusive::constant_time_size<false>>;

    u32 id_;
    Ref<FileSystem> file_system_;
    Ref<Dentry> root_;
    std::atomic<u64> flags_;
    ledger::Charge charge_{ledger::Kind::mounts, sizeof(Mount)};
    // Protected by the mount table's lock, all below:
    Path place_;         // what it covers; empty for the first mount and when detached
    Path former_place_;  // of a mount that is being detached, until who detaches it drops it without the lock
    Children children_;  // the mounts whose places lie in this one, in mounting order
};

namespace mounts {

// A file system of type `type_name` covers `place`. A relative name of a device starts at `base`. Errno::inval when `place` lies in a
// mount that was detached, noent when its directory was removed.
Result<> mount(const Path& place, const Path& base, std::string_view type_name, std::string_view source, u64 flags,
               std::string_view options);
// Errno::inval also when `source` lies in no attached mount.
Result<> bind(const Path& place, const Path& source);
Result<> remount(const Path& place, u64 flags);
Result<> move(const Path& place, const Path& source);

enum class Detach : bool { no, yes };
// Errno::inval when `place` is not the root of a mount, busy when something below is in use. `Detach::yes` takes the whole subtree out
// of the tree whoever uses it; each of its mounts ends with its last user.
Result<> unmount(Path place, Detach detach);

// Makes the first mount; called once at boot.
Result<> mount_root(std::string_view type_name);
Path root();

// The root of what covers `path`, else `path` itself.
Path cross_down(Path path);
// The place that the mount covers of whose root `path` is; `path` itself when it is no root or has no place.
Path cross_up(Path path);

// The attached mounts in their order, for /proc/mounts and sync; empty behind the last.
Ref<Mount> nth(usize index);

}  // namespace mounts

}  // namespace tenon
