#include "kernel/syscall/data.h"

#include <algorithm>

#include "kernel/fs/mount.h"
#include "kernel/mm/user_access.h"
#include "kernel/syscall/transfer.h"
#include "kernel/syscall/user_path.h"

namespace tenon::syscall {
namespace {

Result<u64> positive(u64 offset)
{
    if (static_cast<i64>(offset) < 0)
        return fail(Errno::inval);
    return offset;
}

// A user's offset in memory, which moves with what was copied; null: the file's own position.
class UserOffset {
public:
    Result<> load(UserPtr<u64> pointer)
    {
        pointer_ = pointer;
        if (pointer.is_null())
            return {};
        const u64 value = TRY(user::load(pointer));
        start_ = TRY(positive(value));
        return {};
    }
    std::optional<u64> value() const { return start_; }
    Result<> advance(u64 by)
    {
        return start_ ? user::store(pointer_, *start_ + by) : Result<>();
    }

private:
    UserPtr<u64> pointer_;
    std::optional<u64> start_;
};

// Linux, copy_file_range: both are regular files of one file system, and what is written stands where the caller says.
Result<> check_copy(const OpenFile& from, const OpenFile& to)
{
    for (const OpenFile* file : {&from, &to})
        if (file->inode().is_directory())
            return fail(Errno::isdir);
    for (const OpenFile* file : {&from, &to})
        if (!file->inode().is_regular())
            return fail(Errno::inval);
    if (!from.is_readable() || !to.is_writable() || (to.flags() & open_flag::append) != 0)
        return fail(Errno::badf);
    if (&from.inode().super_block() != &to.inode().super_block())
        return fail(Errno::xdev);
    return {};
}

// RWF_* of preadv2 and pwritev2. Polling (HIPRI) has no effect outside O_DIRECT, as on Linux; that a call must not wait at all
// (NOWAIT) no file here can promise.
namespace rw_flag {
constexpr u32 high_priority = 1;
constexpr u32 data_sync = 2;
constexpr u32 sync = 4;
constexpr u32 append = 16;
constexpr u32 known = high_priority | data_sync | sync | append;
}  // namespace rw_flag

// Where preadv2 and pwritev2 go: -1 stands for the file's own position.
Result<std::optional<u64>> flagged_offset(const Arguments& arguments)
{
    constexpr u64 own_position = ~u64{0};
    if ((arguments.as_u32(5) & ~rw_flag::known) != 0)
        return fail(Errno::opnotsupp);
    if (arguments[3] == own_position)
        return std::nullopt;
    return TRY(positive(arguments[3]));
}

// Behind the end of a file that was not opened so: through a description of its own.
Result<u64> append_vector(OpenFile& file, UserPtr<IoVector> vector, u64 count, std::optional<u64> offset)
{
    if (!file.is_writable())
        return fail(Errno::badf);
    const auto appending = TRY(OpenFile::create(file.path(), {}, file.flags() | open_flag::append));
    const u64 written = TRY(write_vector(*appending, vector, count, std::nullopt));
    const u64 end = TRY(appending->position());
    if (!offset)
        TRY(file.seek(static_cast<i64>(end), 0));
    return written;
}

Result<> sync_written(const OpenFile& file)
{
    if (file.operations() == nullptr)
        return file.path().mount()->file_system().super_block().sync();
    const auto synced = file.operations()->sync();
    return synced || synced.error() == Errno::inval ? Result<>() : synced;
}

}  // namespace

Result<u64> sys_read(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    return restartable(read_to_user(*file, arguments.address(1), arguments[2], std::nullopt));
}

Result<u64> sys_write(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    return restartable(write_from_user(*file, arguments.address(1), arguments[2], std::nullopt));
}

Result<u64> sys_readv(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    return restartable(read_vector(*file, arguments.pointer<IoVector>(1), arguments[2], std::nullopt));
}

Result<u64> sys_writev(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    return restartable(write_vector(*file, arguments.pointer<IoVector>(1), arguments[2], std::nullopt));
}

Result<u64> sys_pread64(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    const u64 offset = TRY(positive(arguments[3]));
    return restartable(read_to_user(*file, arguments.address(1), arguments[2], offset));
}

Result<u64> sys_pwrite64(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    const u64 offset = TRY(positive(arguments[3]));
    return restartable(write_from_user(*file, arguments.address(1), arguments[2], offset));
}

Result<u64> sys_preadv(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    const u64 offset = TRY(positive(arguments[3]));
    return restartable(read_vector(*file, arguments.pointer<IoVector>(1), arguments[2], offset));
}

Result<u64> sys_pwritev(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    const u64 offset = TRY(positive(arguments[3]));
    return restartable(write_vector(*file, arguments.pointer<IoVector>(1), arguments[2], offset));
}

Result<u64> sys_preadv2(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    const auto offset = TRY(flagged_offset(arguments));
    return restartable(read_vector(*file, arguments.pointer<IoVector>(1), arguments[2], offset));
}

Result<u64> sys_pwritev2(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    const auto offset = TRY(flagged_offset(arguments));
    const auto vector = arguments.pointer<IoVector>(1);
    const u32 flags = arguments.as_u32(5);
    const bool appends = (flags & rw_flag::append) != 0 && file->operations() == nullptr;
    const auto written = appends ? append_vector(*file, vector, arguments[2], offset) : write_vector(*file, vector, arguments[2], offset);
    if (written && *written != 0 && (flags & (rw_flag::data_sync | rw_flag::sync)) != 0)
        TRY(sync_written(*file));
    return restartable(written);
}

Result<u64> sys_sendfile(const Arguments& arguments)
{
    const auto to = TRY(open_file(arguments.as_int(0)));
    const auto from = TRY(open_file(arguments.as_int(1)));
    UserOffset offset;
    TRY(offset.load(arguments.pointer<u64>(2)));
    if (!from->is_readable() || !to->is_writable())
        return fail(Errno::badf);
    if (!from->is_seekable() || (to->flags() & open_flag::append) != 0)
        return fail(offset.value() && !from->is_seekable() ? Errno::spipe : Errno::inval);
    const u64 count = TRY(restartable(copy_between(*from, *to, arguments[3], offset.value(), std::nullopt)));
    TRY(offset.advance(count));
    return count;
}

Result<u64> sys_copy_file_range(const Arguments& arguments)
{
    const auto from = TRY(open_file(arguments.as_int(0)));
    const auto to = TRY(open_file(arguments.as_int(2)));
    UserOffset from_offset;
    UserOffset to_offset;
    TRY(from_offset.load(arguments.pointer<u64>(1)));
    TRY(to_offset.load(arguments.pointer<u64>(3)));
    if (arguments[5] != 0)
        return fail(Errno::inval);
    TRY(check_copy(*from, *to));
    const u64 from_position = TRY(from->position());
    const u64 to_position = TRY(to->position());
    const u64 start = from_offset.value().value_or(from_position);
    const u64 end = to_offset.value().value_or(to_position);
    const u64 size = std::min(arguments[4], u64{0x7fff'f000});
    if (&from->inode() == &to->inode() && start < end + size && end < start + size)
        return fail(Errno::inval);
    const u64 count = TRY(restartable(copy_between(*from, *to, size, from_offset.value(), to_offset.value())));
    TRY(from_offset.advance(count));
    TRY(to_offset.advance(count));
    return count;
}

}  // namespace tenon::syscall
