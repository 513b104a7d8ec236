#pragma once

#include <memory>

#include "kernel/fs/path.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/mm/ledger.h"
#include <tenon/fs.h>
#include <tenon/module.h>
#include <tenon/sync.h>

namespace tenon {

// open(2) flags, with arm64 Linux's values.
namespace open_flag {
constexpr u32 access_mask = 3;
constexpr u32 read_only = 0;
constexpr u32 write_only = 1;
constexpr u32 read_write = 2;
constexpr u32 create = 0100;
constexpr u32 exclusive = 0200;
constexpr u32 no_controlling_tty = 0400;
constexpr u32 truncate = 01000;
constexpr u32 append = 02000;
constexpr u32 nonblock = 04000;
constexpr u32 data_sync = 010000;
constexpr u32 async = 020000;
constexpr u32 directory = 040000;
constexpr u32 no_follow = 0100000;
constexpr u32 direct = 0200000;
constexpr u32 large_file = 0400000;
constexpr u32 no_access_time = 01000000;
constexpr u32 close_on_exec = 02000000;
constexpr u32 sync = 04000000 | data_sync;
constexpr u32 path_only = 010000000;
constexpr u32 unnamed = 020000000;  // O_TMPFILE, together with O_DIRECTORY
}  // namespace open_flag

// What no file here can do, whether asked for when it is opened or later: nothing goes past the caches (O_DIRECT). Errno::inval.
Result<> require_possible(u32 flags);

// What opening an object gave: its operations (null: plain inode data) and what keeps their code loaded.
struct Opened {
    ModuleReference owner;
    std::unique_ptr<FileOperations> operations;
};

// Whether a file is opened to be run: nobody can write it until it is closed, or says otherwise.
enum class ForRunning : bool { no, yes };

// An open file description: shared by duplicated descriptors and by forked children.
class OpenFile final : public RefCounted {
public:
    // Errno::txtbsy for a file that is to be written while it runs, or to be run while it is written.
    static Result<Ref<OpenFile>> create(Path path, Opened opened, u32 flags, ForRunning for_running = ForRunning::no);
    // The same in two steps, for who makes what is opened: only the first can lack memory. It is nothing to be used before the second.
    static Result<Ref<OpenFile>> prepare();
    Result<> open(Path path, Opened opened, u32 flags, ForRunning for_running = ForRunning::no);
    ~OpenFile();
    static u64 count();  // of all that are open now

    Inode& inode() const { return path_.inode(); }
    FileOperations* operations() const { return opened_.operations.get(); }
    // The name it was opened by, for fchdir, /proc/PID/fd and openat. Never empty: what is in no directory has a place, too.
    const Path& path() const { return path_; }
    u32 flags() const { return flags_.load(std::memory_order_relaxed); }
    // The part that fcntl(F_SETFL) may change. Errno::inval for what is impossible, and for O_ASYNC: nobody is sent SIGIO.
    Result<> set_status_flags(u32 flags);
    bool is_path_only() const { return (flags() & open_flag::path_only) != 0; }  // O_PATH: it stands for a place, nothing more
    bool is_readable() const;
    bool is_writable() const;
    bool is_seekable() const;

    // At the file's own position, which advances. Errno::badf when not opened for it.
    Result<usize> read(std::span<std::byte> out);
    Result<usize> write(std::span<const std::byte> data);
    // At a given offset (pread, pwrite, the loader).
    Result<usize> read_at(std::span<std::byte> out, u64 offset);
    Result<usize> write_at(std::span<const std::byte> data, u64 offset);
    Result<u64> seek(i64 offset, int whence);
    Result<u64> position();
    Result<u64> end() const;  // where the data ends
    Result<i64> ioctl(u32 request, u64 argument);
    u32 poll(PollTable& table);
    Result<PageRef> page(u64 index);
    Result<> read_directory(DirectorySink& sink);
    // Of a file opened for running: it may be written again.
    void allow_writing();

private:
    enum class Claim : u8 { none, writes, runs };

    OpenFile();

    bool appends() const;
    Result<usize> append(std::span<const std::byte> data, u64& end);  // `end`: where the file ends afterwards
    Result<usize> write_device(std::span<const std::byte> data, u64 offset);
    Result<usize> read_data(std::span<std::byte> out, u64 offset);
    Result<usize> write_data(std::span<const std::byte> data, u64 offset);

    Result<> claim(ForRunning for_running);

    Path path_;
    Claim claim_ = Claim::none;  // what is counted at the inode
    Opened opened_;  // destroyed before the path, which keeps the file system
    std::atomic<u32> flags_{0};
    Mutex position_mutex_;
    u64 position_ = 0;  // protected by position_mutex_
    ledger::Charge charge_{ledger::Kind::open_files, sizeof(OpenFile)};
};

}  // namespace tenon
