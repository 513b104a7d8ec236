#pragma once

#include <memory>
#include <string_view>

#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include <tenon/fs.h>

namespace tenon {

class OpenFile;
class Dentry;  // a name in the name cache: parent, name, inode or known absent
class Mount;   // a mounted file system and where

// A place in the tree of mounted file systems.
class Path {
public:
    Path();
    Path(Ref<Mount> mount, Ref<Dentry> dentry);
    Path(const Path&);
    Path(Path&&) noexcept;
    Path& operator=(Path) noexcept;
    ~Path();

    bool is_empty() const;
    bool has_inode() const;  // false for a name that is absent
    Inode& inode() const;
    bool operator==(const Path& other) const;
    const Ref<Mount>& mount() const { return mount_; }
    const Ref<Dentry>& dentry() const { return dentry_; }
    // The absolute name as getcwd and /proc/PID/exe show it.
    void print(TextSink& out) const;

private:
    Ref<Mount> mount_;
    Ref<Dentry> dentry_;
};

namespace vfs {

enum class FollowLast : bool { no, yes };

// How a name may be resolved (openat2(2), RESOLVE_*).
struct ResolveRules {
    bool one_mount = false;       // Errno::xdev
    bool no_magic_links = false;  // of /proc/PID: Errno::loop
    bool no_links = false;        // Errno::loop
    bool beneath = false;         // what would leave `base` is Errno::xdev
    bool in_root = false;         // `base` is the root directory

    bool is_scoped() const { return beneath || in_root; }
};

// Resolves `name` from `base` (used when the name is relative). At most 40 symbolic links (Errno::loop).
Result<Path> resolve(const Path& base, std::string_view name, FollowLast follow, const ResolveRules& rules = {});
// Resolves and opens, creating when the flags say so. `permissions` have the umask applied.
Result<Ref<OpenFile>> open(const Path& base, std::string_view name, u32 flags, u32 permissions, const ResolveRules& rules = {});
// For execve: asks for execute permission instead of read. Errno::acces (also for what is no regular file), txtbsy.
Result<Ref<OpenFile>> open_program(const Path& path);
Path root();  // of the first mount

}  // namespace vfs
}  // namespace tenon
