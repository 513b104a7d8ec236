#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <boost/intrusive/list.hpp>

#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include <tenon/api.h>
#include <tenon/page.h>
#include <tenon/sync.h>

// What a file system implements. Inode and SuperBlock describe objects on the medium; the core keeps names, mounts,
// open files and permissions. Numbers (mode bits, d_type, open flags) are Linux's, as user space passes them.

namespace tenon {

class ModuleHandle;  // the owner of a registration; include/tenon/module.h
class BlockDevice;
class Path;
class SuperBlock;
struct PollTable;

constexpr usize name_max = 255;

struct TimeSpec {
    i64 seconds = 0;
    i64 nanoseconds = 0;
};

namespace mode {
constexpr u32 type_mask = 0170000;
constexpr u32 socket = 0140000;
constexpr u32 symlink = 0120000;
constexpr u32 regular = 0100000;
constexpr u32 block_device = 0060000;
constexpr u32 directory = 0040000;
constexpr u32 char_device = 0020000;
constexpr u32 fifo = 0010000;
constexpr u32 permissions = 07777;
constexpr u32 set_user_id = 04000;
constexpr u32 set_group_id = 02000;
constexpr u32 sticky = 01000;
constexpr u32 group_execute = 0010;
}  // namespace mode

// A device number as user space sees it (struct stat, mknod): Linux's 32-bit encoding is made by encode().
struct DeviceNumber {
    u32 major = 0;
    u32 minor = 0;

    constexpr u64 encode() const
    {
        return (u64{minor} & 0xff) | (u64{major & 0xfff} << 8) | ((u64{minor} & ~u64{0xff}) << 12) |
               ((u64{major} & ~u64{0xfff}) << 32);
    }
    static constexpr DeviceNumber decode(u64 value)
    {
        return {static_cast<u32>(((value >> 8) & 0xfff) | ((value >> 32) & ~u64{0xfff})),
                static_cast<u32>((value & 0xff) | ((value >> 12) & ~u64{0xff}))};
    }
    constexpr bool operator==(const DeviceNumber&) const = default;
};

struct InodeAttributes {
    u64 number = 0;
    u32 mode = 0;
    u32 links = 1;
    u32 uid = 0;
    u32 gid = 0;
    u64 size = 0;
    u64 blocks = 0;  // of 512 bytes
    u32 block_size = 4096;
    DeviceNumber device;  // of a device node
    TimeSpec accessed;
    TimeSpec modified;
    TimeSpec changed;
};

// Receives directory entries. Returns false when the reader has no more room: stop, and continue later at the same cookie.
class DirectorySink {
public:
    // `next_cookie` is where reading continues after this entry; `type` is the mode's type bits.
    virtual bool emit(std::string_view name, u64 inode_number, u32 type, u64 next_cookie) = 0;

protected:
    ~DirectorySink() = default;
};

enum class Linkable : bool { no, yes };

// One object of a file system. The core holds Refs from its name cache and from open files. All functions may block and
// are called without spinlocks. The defaults refuse with the errno that Linux gives for the wrong kind of object.
class TENON_API Inode : public RefCounted {
public:
    explicit Inode(SuperBlock& super_block);
    virtual ~Inode();
    static u64 count();  // of all that are in memory now

    SuperBlock& super_block() const { return super_block_; }
    virtual InodeAttributes attributes() const = 0;
    u32 type() const { return attributes().mode & mode::type_mask; }
    bool is_directory() const { return type() == mode::directory; }
    bool is_regular() const { return type() == mode::regular; }
    bool is_symlink() const { return type() == mode::symlink; }
    bool is_character_device() const { return type() == mode::char_device; }

    // Data. `read` returns how many bytes it gave (0 at the end of the file); short counts only at the end.
    virtual Result<usize> read(std::span<std::byte> out, u64 offset);
    virtual Result<usize> write(std::span<const std::byte> data, u64 offset);
    virtual Result<> truncate(u64 size);
    // Space for [start, start + size) is there afterwards, of which the file's size knows nothing; Errno::nospc, opnotsupp.
    virtual Result<> allocate(u64 start, u64 size);
    // [start, start + size) reads as zeros afterwards, and its space is given back as far as possible; Errno::opnotsupp.
    virtual Result<> punch_hole(u64 start, u64 size);
    // The frame that holds bytes [index * page_size, +page_size) of the file, zero-filled past the end: for mmap, execve and
    // finit_module without a copy. Errno::nodev when the object has no pages.
    virtual Result<PageRef> page(u64 index);

    // Directories. Names are 1..255 bytes without '/', never "." or "..".
    virtual Result<Ref<Inode>> lookup(std::string_view name);  // Errno::noent when absent
    // Entries from `cookie` on (0: the first), without "." and "..".
    virtual Result<> read_directory(u64 cookie, DirectorySink& sink);
    virtual Result<Ref<Inode>> create(std::string_view name, u32 mode, DeviceNumber device);  // any type but symlink
    virtual Result<> symlink(std::string_view name, std::string_view target);
    virtual Result<> link(std::string_view name, Inode& target);
    virtual Result<> unlink(std::string_view name);  // not a directory
    virtual Result<> rmdir(std::string_view name);   // Errno::notempty
    // Moves `old_name` here to `new_name` in `new_directory` (same file system), replacing what is there.
    virtual Result<> rename(std::string_view old_name, Inode& new_directory, std::string_view new_name);
    // Two existing names, here and in `other_directory` (same file system), change places. Errno::inval where there is no such thing.
    virtual Result<> exchange(std::string_view name, Inode& other_directory, std::string_view other_name);
    // A regular file without a name, to which link() may give one if it is linkable (O_TMPFILE); else that is Errno::noent.
    // Errno::opnotsupp where there is no such thing.
    virtual Result<Ref<Inode>> create_unnamed(u32 permissions, Linkable linkable);

    virtual Result<usize> read_symlink(std::span<char> out);  // the length, no NUL
    // For the core: where a link leads that leads to a place and not to a name (/proc/PID/fd); empty for all others. Errno::acces.
    virtual Result<Path> linked_place();

    virtual Result<> set_mode(u32 permissions);
    virtual Result<> set_owner(u32 uid, u32 gid);
    virtual Result<> set_times(TimeSpec accessed, TimeSpec modified);

    // The operations of an opened file, when they differ from reading and writing the inode's data (devices, pipes, proc
    // files). The default gives null: the core then uses read, write and page of the inode.
    virtual Result<std::unique_ptr<class FileOperations>> open(u32 flags);

    // Whether the name cache may keep names below this directory (false for directories whose content changes by itself: /proc).
    virtual bool caches_names() const { return true; }

    // For the core. Something is mounted on this object:
    bool is_mount_point() const { return mounts_.load(std::memory_order_relaxed) != 0; }
    // Held while data is written or cut off, so that appending writers do not overwrite each other.
    Mutex& write_mutex() { return write_mutex_; }
    // A file that is open for writing cannot be run, one that runs cannot be written: Errno::txtbsy. Each success is undone by
    // its counterpart.
    Result<> begin_writing();
    void end_writing() { writers_.fetch_sub(1, std::memory_order_release); }
    Result<> begin_running();
    void end_running() { writers_.fetch_add(1, std::memory_order_release); }

private:
    friend struct MountTable;

    SuperBlock& super_block_;
    std::atomic<u32> mounts_{0};
    std::atomic<i32> writers_{0};  // below zero: so many run it
    Mutex write_mutex_;
};

// The behaviour of one open file that is not plain inode data. Deleted at the last close. Calls may come from several
// threads at once. A file is a stream unless it says otherwise: its offsets are 0, and no lock is held around its calls.
class TENON_API FileOperations {
public:
    virtual ~FileOperations();

    // Both may block; `flags` are the open flags now in force (O_NONBLOCK: Errno::again instead of blocking).
    virtual Result<usize> read(std::span<std::byte> out, u64 offset, u32 flags);
    virtual Result<usize> write(std::span<const std::byte> data, u64 offset, u32 flags);
    virtual Result<i64> ioctl(u32 request, u64 argument);  // the argument may be a user address; Errno::notty by default
    // The POLL* events that hold now; registers the caller's waiters on the queues that announce changes.
    virtual u32 poll(PollTable& table);
    virtual Result<PageRef> page(u64 index);  // for mmap
    // Whether bytes have a position: `offset` counts, lseek and pread work. read(2) and write(2) at the file's own position then
    // follow one another, so they must not wait for what may never happen.
    virtual bool is_seekable() const { return false; }
    // Everything written is on the medium afterwards (fsync). Errno::inval by default: there is no medium.
    virtual Result<> sync();
    // Where SEEK_END leads, when the inode does not know (disks).
    virtual std::optional<u64> size() const { return std::nullopt; }
    virtual bool is_terminal() const { return false; }
    // How many bytes a pipe holds (F_GETPIPE_SZ, F_SETPIPE_SZ). Errno::badf for everything else.
    virtual Result<usize> pipe_size() const;
    // The size in force afterwards, at least what was wanted. Errno::perm, busy, inval, nomem.
    virtual Result<usize> set_pipe_size(usize wanted);
};

// poll(2) event bits, with Linux's values.
namespace poll_event {
constexpr u32 in = 0x001;
constexpr u32 priority = 0x002;
constexpr u32 out = 0x004;
constexpr u32 error = 0x008;
constexpr u32 hang_up = 0x010;
constexpr u32 invalid = 0x020;
}  // namespace poll_event

// Collects the queues that a poll call must sleep on.
struct PollTable {
    virtual void add(WaitQueue& queue) = 0;

protected:
    ~PollTable() = default;
};

struct FileSystemStatistics {
    u64 type = 0;  // f_type magic
    u64 block_size = 4096;
    u64 blocks = 0;
    u64 blocks_free = 0;
    u64 files = 0;
    u64 files_free = 0;
    u64 name_max = tenon::name_max;
};

// One mounted file system. Made by FileSystemType::mount, deleted after the last inode reference at unmount.
class TENON_API SuperBlock : NoCopy {
public:
    virtual ~SuperBlock();
    virtual Result<Ref<Inode>> root() = 0;
    virtual FileSystemStatistics statistics() const = 0;
    // The file system cannot be written, whatever the mount flags say: the core refuses with Errno::rofs.
    virtual bool is_read_only() const { return false; }
    // Writes back what is dirty; called by sync and before unmount.
    virtual Result<> sync() { return {}; }

    // Held by the core for who moves a name from one directory to another, before their own locks: the shape of the tree stands still
    // while ancestry is checked. One for each file system: another one's disk may be slow.
    Mutex& tree_mutex() { return tree_mutex_; }

private:
    Mutex tree_mutex_;
};

enum class NeedsDevice : bool { no, yes };

struct MountRequest {
    std::string_view source;   // as given to mount(2): a device path, or any text
    std::string_view options;  // the data string of mount(2), may be empty
    u64 flags = 0;             // MS_* of mount(2)
    BlockDevice* device = nullptr;  // opened from `source` when the type needs one; valid while mounted
};

// A file-system type. The object registers itself with the constructor's caller by register_file_system() and stays until
// unregistered; a mount pins the module that owns it. A module usually has one static FileSystemRegistration.
class TENON_API FileSystemType : public boost::intrusive::list_base_hook<> {
public:
    virtual std::string_view name() const = 0;
    virtual NeedsDevice needs_device() const = 0;
    virtual Result<std::unique_ptr<SuperBlock>> mount(const MountRequest& request) = 0;
    // Every mount after the first shows the same super block.
    virtual bool has_one_instance() const { return false; }

    ModuleHandle* owner = nullptr;  // set at registration; null for the kernel

protected:
    ~FileSystemType() = default;
};

// Errno::exist when the name is taken. `owner` is this module's handle (current_module() of <tenon/module.h>).
TENON_API Result<> register_file_system(FileSystemType& type, ModuleHandle* owner);
// The type must not be mounted; its owner's references guarantee it when a module unregisters in its exit code.
TENON_API void unregister_file_system(FileSystemType& type);

}  // namespace tenon
