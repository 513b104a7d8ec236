#include "kernel/syscall/space.h"

#include "kernel/dev/block/registry.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/permission.h"
#include "kernel/lib/checked.h"
#include "kernel/syscall/user_path.h"

namespace tenon::syscall {
namespace {

constexpr u64 largest_offset = 0x7fff'ffff'ffff'ffff;

Result<u64> truncate_file(const Path& path, u64 size)
{
    if (size > largest_offset)
        return fail(Errno::inval);
    if (!path.inode().is_regular())
        return fail(path.inode().is_directory() ? Errno::isdir : Errno::inval);
    TRY(vfs::truncate(path, size));
    return 0;
}

SuperBlock& super_block_of(const OpenFile& file)
{
    return file.path().mount()->file_system().super_block();
}

Result<u64> sync_file(int descriptor)
{
    const auto file = TRY(open_file(descriptor));
    switch (file->inode().type()) {
    case mode::regular:
    case mode::directory: TRY(super_block_of(*file).sync()); return 0;
    case mode::block_device: TRY(file->operations()->sync()); return 0;
    default: return fail(Errno::inval);
    }
}

Result<> require_space(const OpenFile& file)
{
    switch (file.inode().type()) {
    case mode::regular: return file.operations() == nullptr ? Result<>() : fail(Errno::opnotsupp);
    case mode::directory: return fail(Errno::isdir);
    case mode::fifo: return fail(Errno::spipe);
    default: return fail(Errno::nodev);
    }
}

}  // namespace

Result<u64> sys_ftruncate(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    if (!file->is_writable() || file->inode().type() != mode::regular)
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

Result<u64> sys_fallocate(const Arguments& arguments)
{
    constexpr u32 keep_size = 1;
    constexpr u32 punch_hole = 2;

    const auto file = TRY(open_file(arguments.as_int(0)));
    const u32 wanted = arguments.as_u32(1);
    const u64 start = arguments[2];
    const u64 size = arguments[3];
    if (start > largest_offset || size > largest_offset || size == 0)
        return fail(Errno::inval);
    if (wanted != 0 && wanted != keep_size && wanted != (punch_hole | keep_size))
        return fail(Errno::opnotsupp);
    if (!file->is_writable())
        return fail(Errno::badf);
    TRY(require_space(*file));
    if (size > largest_offset - start)
        return fail(Errno::fbig);
    if ((wanted & punch_hole) != 0)
        TRY(vfs::punch_hole(file->path(), start, size));
    else
        TRY(vfs::allocate(file->path(), start, size, wanted == keep_size ? vfs::KeepSize::yes : vfs::KeepSize::no));
    return 0;
}

// Advice about what is read next: file data is in memory or read ahead anyway, so there is nothing more to do.
Result<u64> sys_fadvise64(const Arguments& arguments)
{
    constexpr u32 last_advice = 5;  // POSIX_FADV_NOREUSE
    const auto file = TRY(open_file(arguments.as_int(0)));
    if (file->inode().type() == mode::fifo)
        return fail(Errno::spipe);
    if (arguments.as_u32(3) > last_advice || arguments[2] > largest_offset)
        return fail(Errno::inval);
    return 0;
}

Result<u64> sys_readahead(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    if (!file->is_readable())
        return fail(Errno::badf);
    const u32 type = file->inode().type();
    if (type != mode::regular && type != mode::block_device)
        return fail(Errno::inval);
    return 0;
}

Result<u64> sys_fsync(const Arguments& arguments)
{
    return sync_file(arguments.as_int(0));
}

Result<u64> sys_fdatasync(const Arguments& arguments)
{
    return sync_file(arguments.as_int(0));
}

Result<u64> sys_sync_file_range(const Arguments& arguments)
{
    constexpr u32 known = 7;  // SYNC_FILE_RANGE_WAIT_BEFORE, WRITE, WAIT_AFTER
    TRY(require_only(known, arguments.as_u32(3)));
    const auto end = checked_add(arguments[1], arguments[2]);
    if (arguments[1] > largest_offset || arguments[2] > largest_offset || !end || *end > largest_offset)
        return fail(Errno::inval);
    const auto file = TRY(open_file(arguments.as_int(0)));
    const u32 type = file->inode().type();
    if (type == mode::fifo || type == mode::char_device || type == mode::socket)
        return fail(Errno::spipe);
    return sync_file(arguments.as_int(0));
}

// Of the file system that the descriptor's place is on.
Result<u64> sys_syncfs(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    TRY(super_block_of(*file).sync());
    return 0;
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
