#include "kernel/fs/file_size.h"

#include <algorithm>

#include "kernel/fs/caller.h"
#include "kernel/fs/permission.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/scope_exit.h"

namespace tenon {
namespace {

constexpr u64 largest_offset = 0x7fff'ffff'ffff'ffff;

std::unexpected<Errno> refuse_excess()
{
    caller::note_file_too_large();
    return fail(Errno::fbig);
}

}  // namespace

Result<u64> writable_size(u64 offset, u64 wanted)
{
    if (wanted == 0)
        return u64{0};
    const u64 limit = caller::file_size_limit();
    if (offset >= limit)
        return refuse_excess();
    if (offset >= largest_offset)
        return fail(Errno::fbig);
    return std::min(wanted, std::min(limit, largest_offset) - offset);
}

Result<> require_size(u64 size)
{
    if (size <= caller::file_size_limit())
        return {};
    return refuse_excess();
}

namespace vfs {

Result<> truncate(const Path& path, u64 size)
{
    TRY(require_writable(path));
    Inode& inode = path.inode();
    TRY(inode.begin_writing());
    const ScopeExit done([&] { inode.end_writing(); });
    const auto guard = TRY(KillableLockGuard::take(inode.write_mutex()));
    if (size > inode.attributes().size)
        TRY(require_size(size));
    TRY(permission::drop_set_ids(inode));
    return inode.truncate(size);
}

// In pieces, each of which may be the last one when the caller is to end: what is there then stays.
Result<> allocate(const Path& path, u64 start, u64 size, KeepSize keep_size)
{
    constexpr u64 piece = 1024 * 1024;
    TRY(require_writable(path));
    Inode& inode = path.inode();
    const u64 end = start + size;
    if (keep_size == KeepSize::no && end > inode.attributes().size)
        TRY(require_size(end));
    for (u64 at = start; at < end; at += std::min(piece, end - at)) {
        {
            const auto guard = TRY(KillableLockGuard::take(inode.write_mutex()));
            TRY(permission::drop_set_ids(inode));
            TRY(inode.allocate(at, std::min(piece, end - at)));
        }
        TRY(resched_point());
    }
    const auto guard = TRY(KillableLockGuard::take(inode.write_mutex()));
    if (keep_size == KeepSize::no && end > inode.attributes().size)
        return inode.truncate(end);
    return {};
}

Result<> punch_hole(const Path& path, u64 start, u64 size)
{
    constexpr u64 piece = 8 * 1024 * 1024;
    TRY(require_writable(path));
    for (u64 at = start; at < start + size; at += std::min(piece, start + size - at)) {
        {
            const auto guard = TRY(KillableLockGuard::take(path.inode().write_mutex()));
            TRY(permission::drop_set_ids(path.inode()));
            TRY(path.inode().punch_hole(at, std::min(piece, start + size - at)));
        }
        TRY(resched_point());
    }
    return {};
}

}  // namespace vfs
}  // namespace tenon
