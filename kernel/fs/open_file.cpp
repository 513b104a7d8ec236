#include "kernel/fs/open_file.h"

#include <new>

#include "kernel/fs/file_size.h"
#include "kernel/fs/lock/file_locks.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/permission.h"
#include "kernel/lib/checked.h"
#include "kernel/mm/memory_limits.h"

namespace tenon {
namespace {

constinit std::atomic<u64> open_files{0};

// A directory that counts while it hands entries on: the cookie behind the last one that was taken.
class CookieSink final : public DirectorySink {
public:
    CookieSink(DirectorySink& target, u64 cookie) : target_(target), cookie_(cookie) {}

    bool emit(std::string_view name, u64 inode_number, u32 type, u64 next_cookie) override
    {
        if (!target_.emit(name, inode_number, type, next_cookie))
            return false;
        cookie_ = next_cookie;
        return true;
    }

    u64 cookie() const { return cookie_; }

private:
    DirectorySink& target_;
    u64 cookie_;
};

}  // namespace

OpenFile::OpenFile()
{
    open_files.fetch_add(1, std::memory_order_relaxed);
}

OpenFile::~OpenFile()
{
    open_files.fetch_sub(1, std::memory_order_relaxed);
    if (path_.is_empty())
        return;
    file_locks::description_closed(*this);
    if (claim_ == Claim::writes)
        path_.inode().end_writing();
    allow_writing();
}

u64 OpenFile::count()
{
    return open_files.load(std::memory_order_relaxed);
}

Result<Ref<OpenFile>> OpenFile::create(Path path, Opened opened, u32 flags, ForRunning for_running)
{
    auto file = TRY(prepare());
    TRY(file->open(std::move(path), std::move(opened), flags, for_running));
    return file;
}

Result<Ref<OpenFile>> OpenFile::prepare()
{
    TRY(memory_limits::require_user_page());
    auto file = adopt_ref(new (std::nothrow) OpenFile);
    if (!file)
        return fail(Errno::nomem);
    return file;
}

Result<> OpenFile::open(Path path, Opened opened, u32 flags, ForRunning for_running)
{
    path_ = std::move(path);
    opened_ = std::move(opened);
    // About what the driver keeps for it, and what says who holds the driver's module.
    constexpr u64 belongings = 384;
    if (opened_.operations)
        charge_.set(sizeof(OpenFile) + belongings);
    flags_.store(flags, std::memory_order_relaxed);
    return claim(for_running);
}

Result<> OpenFile::claim(ForRunning for_running)
{
    const bool writes = is_writable();
    if ((!writes && for_running == ForRunning::no) || !path_.inode().is_regular())
        return {};
    TRY(writes ? path_.inode().begin_writing() : path_.inode().begin_running());
    claim_ = writes ? Claim::writes : Claim::runs;
    return {};
}

void OpenFile::allow_writing()
{
    if (claim_ != Claim::runs)
        return;
    path_.inode().end_running();
    claim_ = Claim::none;
}

Result<> require_possible(u32 flags)
{
    return (flags & open_flag::direct) == 0 ? Result<>() : fail(Errno::inval);
}

Result<> OpenFile::set_status_flags(u32 flags)
{
    TRY(require_possible(flags));
    if ((flags & open_flag::async) != 0)
        return fail(Errno::inval);
    constexpr u32 changeable = open_flag::append | open_flag::nonblock | open_flag::no_access_time;
    flags_.store((this->flags() & ~changeable) | (flags & changeable), std::memory_order_relaxed);
    return {};
}

bool OpenFile::is_readable() const
{
    const u32 access = flags() & open_flag::access_mask;
    return !is_path_only() && (access == open_flag::read_only || access == open_flag::read_write);
}

bool OpenFile::is_writable() const
{
    const u32 access = flags() & open_flag::access_mask;
    return !is_path_only() && (access == open_flag::write_only || access == open_flag::read_write);
}

bool OpenFile::is_seekable() const
{
    return opened_.operations == nullptr || opened_.operations->is_seekable();
}

Result<usize> OpenFile::read_data(std::span<std::byte> out, u64 offset)
{
    if (opened_.operations)
        return opened_.operations->read(out, offset, flags());
    return path_.inode().read(out, offset);
}

Result<usize> OpenFile::write_data(std::span<const std::byte> data, u64 offset)
{
    if (opened_.operations)
        return write_device(data, offset);
    const u64 allowed = TRY(writable_size(offset, data.size()));
    const auto guard = TRY(KillableLockGuard::take(path_.inode().write_mutex()));
    TRY(permission::drop_set_ids(path_.inode()));
    return path_.inode().write(data.first(allowed), offset);
}

// With O_SYNC and O_DSYNC what was written is on the medium when the call returns. Where there is none, nothing is to be done.
Result<usize> OpenFile::write_device(std::span<const std::byte> data, u64 offset)
{
    const usize written = TRY(opened_.operations->write(data, offset, flags()));
    if ((flags() & open_flag::data_sync) != 0 && written != 0)
        if (const auto synced = opened_.operations->sync(); !synced && synced.error() != Errno::inval)
            return fail(synced.error());
    return written;
}

// What is written stands behind the end of the file, which is returned in `end`.
Result<usize> OpenFile::append(std::span<const std::byte> data, u64& end)
{
    Inode& inode = path_.inode();
    const auto guard = TRY(KillableLockGuard::take(inode.write_mutex()));
    TRY(permission::drop_set_ids(inode));
    end = inode.attributes().size;
    const u64 allowed = TRY(writable_size(end, data.size()));
    const usize written = TRY(inode.write(data.first(allowed), end));
    end += written;
    return written;
}

bool OpenFile::appends() const
{
    return (flags() & open_flag::append) != 0 && !opened_.operations;
}

Result<usize> OpenFile::read(std::span<std::byte> out)
{
    if (!is_readable())
        return fail(Errno::badf);
    if (!is_seekable())
        return read_data(out, 0);
    const auto guard = TRY(KillableLockGuard::take(position_mutex_));
    const usize count = TRY(read_data(out, position_));
    position_ += count;
    return count;
}

Result<usize> OpenFile::write(std::span<const std::byte> data)
{
    if (!is_writable())
        return fail(Errno::badf);
    if (!is_seekable())
        return write_data(data, 0);
    const auto guard = TRY(KillableLockGuard::take(position_mutex_));
    if (appends())
        return append(data, position_);
    const usize count = TRY(write_data(data, position_));
    position_ += count;
    return count;
}

Result<usize> OpenFile::read_at(std::span<std::byte> out, u64 offset)
{
    if (!is_readable())
        return fail(Errno::badf);
    if (!is_seekable())
        return fail(Errno::spipe);
    return read_data(out, offset);
}

Result<usize> OpenFile::write_at(std::span<const std::byte> data, u64 offset)
{
    if (!is_writable())
        return fail(Errno::badf);
    if (!is_seekable())
        return fail(Errno::spipe);
    if (appends()) {  // whatever the offset, as on Linux
        u64 end;
        return append(data, end);
    }
    return write_data(data, offset);
}

Result<u64> OpenFile::seek(i64 offset, int whence)
{
    enum Whence { from_start, from_position, from_end, next_data, next_hole };

    if (!is_seekable())
        return fail(Errno::spipe);
    const auto guard = TRY(KillableLockGuard::take(position_mutex_));
    i64 base = 0;
    switch (whence) {
    case from_start: break;
    case from_position: base = static_cast<i64>(position_); break;
    case from_end: base = static_cast<i64>(TRY(end())); break;
    case next_data:
    case next_hole: {
        const i64 size = static_cast<i64>(path_.inode().attributes().size);
        if (offset < 0 || offset >= size)
            return fail(Errno::nxio);
        position_ = static_cast<u64>(whence == next_data ? offset : size);
        return position_;
    }
    default: return fail(Errno::inval);
    }
    i64 target;
    if (__builtin_add_overflow(base, offset, &target) || target < 0)
        return fail(Errno::inval);
    position_ = static_cast<u64>(target);
    return position_;
}

Result<u64> OpenFile::position()
{
    const auto guard = TRY(KillableLockGuard::take(position_mutex_));
    return position_;
}

// Of a block device: the size of the disk, which its node does not know.
Result<u64> OpenFile::end() const
{
    if (opened_.operations)
        if (const auto size = opened_.operations->size())
            return *size;
    return path_.inode().attributes().size;
}

Result<i64> OpenFile::ioctl(u32 request, u64 argument)
{
    if (!opened_.operations)
        return fail(Errno::notty);
    return opened_.operations->ioctl(request, argument);
}

u32 OpenFile::poll(PollTable& table)
{
    if (opened_.operations)
        return opened_.operations->poll(table);
    return poll_event::in | poll_event::out;
}

Result<PageRef> OpenFile::page(u64 index)
{
    if (opened_.operations)
        return opened_.operations->page(index);
    return path_.inode().page(index);
}

// "." and ".." take the first two cookies; those of the file system are moved up by two.
Result<> OpenFile::read_directory(DirectorySink& sink)
{
    constexpr u64 own_entries = 2;

    class Shifted final : public DirectorySink {
    public:
        explicit Shifted(DirectorySink& target) : target_(target) {}
        bool emit(std::string_view name, u64 inode_number, u32 type, u64 next_cookie) override
        {
            return target_.emit(name, inode_number, type, next_cookie + own_entries);
        }

    private:
        DirectorySink& target_;
    };

    if (!path_.inode().is_directory())
        return fail(Errno::notdir);
    const auto guard = TRY(KillableLockGuard::take(position_mutex_));
    CookieSink counting(sink, position_);
    const u64 number = path_.inode().attributes().number;
    bool has_room = true;
    if (position_ == 0)
        has_room = counting.emit(".", number, mode::directory, 1);
    if (has_room && counting.cookie() == 1)
        has_room = counting.emit("..", number, mode::directory, own_entries);
    Result<> result;
    if (has_room && counting.cookie() >= own_entries) {
        Shifted shifted(counting);
        result = path_.inode().read_directory(counting.cookie() - own_entries, shifted);
    }
    position_ = counting.cookie();
    return result;
}

}  // namespace tenon
