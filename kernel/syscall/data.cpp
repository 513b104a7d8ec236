#include "kernel/syscall/data.h"

#include "kernel/dev/block/registry.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/permission.h"
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

Result<u64> truncate_file(const Path& path, u64 size)
{
    if (!path.inode().is_regular())
        return fail(path.inode().is_directory() ? Errno::isdir : Errno::inval);
    const u64 checked = TRY(positive(size));
    TRY(vfs::truncate(path, checked));
    return 0;
}

Result<u64> sync_file(int descriptor)
{
    const auto file = TRY(open_file(descriptor));
    if (file->path().is_empty())
        return fail(Errno::inval);
    TRY(file->path().mount()->file_system().super_block().sync());
    return 0;
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

Result<u64> sys_sendfile(const Arguments& arguments)
{
    const auto to = TRY(open_file(arguments.as_int(0)));
    const auto from = TRY(open_file(arguments.as_int(1)));
    UserOffset offset;
    TRY(offset.load(arguments.pointer<u64>(2)));
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
    if (arguments[5] != 0 || !from->is_seekable() || !to->is_seekable())
        return fail(Errno::inval);
    const u64 count = TRY(restartable(copy_between(*from, *to, arguments[4], from_offset.value(), to_offset.value())));
    TRY(from_offset.advance(count));
    TRY(to_offset.advance(count));
    return count;
}

Result<u64> sys_ftruncate(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    if (!file->is_writable() || file->path().is_empty())
        return fail(Errno::inval);
    return truncate_file(file->path(), arguments[1]);
}

Result<u64> sys_truncate(const Arguments& arguments)
{
    const auto path = TRY(find_at(current_directory, arguments.pointer<const char>(0), 0));
    if (path.inode().is_regular())
        TRY(permission::require(path.inode(), permission::write));
    return truncate_file(path, arguments[1]);
}

// Space appears when it is written: only the size can change.
Result<u64> sys_fallocate(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    if (!file->is_writable())
        return fail(Errno::badf);
    const u64 start = TRY(positive(arguments[2]));
    const u64 size = TRY(positive(arguments[3]));
    const auto end = checked_add(start, size);
    if (arguments.as_u32(1) != 0)
        return fail(Errno::opnotsupp);
    if (!end || file->path().is_empty())
        return fail(end ? Errno::nodev : Errno::fbig);
    if (*end <= file->path().inode().attributes().size)
        return 0;
    return truncate_file(file->path(), *end);
}

Result<u64> sys_fadvise64(const Arguments& arguments)
{
    TRY(open_file(arguments.as_int(0)));
    return 0;
}

Result<u64> sys_readahead(const Arguments& arguments)
{
    return sys_fadvise64(arguments);
}

Result<u64> sys_fsync(const Arguments& arguments)
{
    return sync_file(arguments.as_int(0));
}

Result<u64> sys_fdatasync(const Arguments& arguments)
{
    return sync_file(arguments.as_int(0));
}

Result<u64> sys_syncfs(const Arguments& arguments)
{
    return sync_file(arguments.as_int(0));
}

// sync(2) has no way to say that something failed.
Result<u64> sys_sync(const Arguments&)
{
    for (usize index = 0; const auto mount = mounts::nth(index); ++index)
        static_cast<void>(mount->file_system().super_block().sync());
    block::flush_all();
    return 0;
}

}  // namespace tenon::syscall
