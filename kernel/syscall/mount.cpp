#include "kernel/syscall/mount.h"

#include <array>

#include "kernel/fs/mount.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/user_path.h"

namespace tenon::syscall {
namespace {

// struct statfs of 64-bit Linux.
struct StatfsLayout {
    u64 type;
    u64 block_size;
    u64 blocks;
    u64 blocks_free;
    u64 blocks_available;
    u64 files;
    u64 files_free;
    std::array<u32, 2> id;
    u64 name_max;
    u64 fragment_size;
    u64 flags;
    std::array<u64, 4> spare;
};
static_assert(sizeof(StatfsLayout) == 120);

Result<u64> store_statistics(const Path& path, UserPtr<StatfsLayout> out)
{
    FileSystem& file_system = path.mount()->file_system();
    const FileSystemStatistics statistics = file_system.super_block().statistics();
    TRY(user::store(out, {.type = statistics.type,
                          .block_size = statistics.block_size,
                          .blocks = statistics.blocks,
                          .blocks_free = statistics.blocks_free,
                          .blocks_available = statistics.blocks_free,
                          .files = statistics.files,
                          .files_free = statistics.files_free,
                          .id = {static_cast<u32>(file_system.device_number()), 0},
                          .name_max = statistics.name_max,
                          .fragment_size = statistics.block_size,
                          .flags = path.mount()->flags(),
                          .spare = {}}));
    return 0;
}

// A text argument that may be null.
Result<std::string_view> copy_optional(std::span<char> out, UserPtr<const char> text)
{
    return text.is_null() ? Result<std::string_view>("") : user::copy_string(out, text);
}

}  // namespace

Result<u64> sys_mount(const Arguments& arguments)
{
    UserPath source;
    if (!arguments.pointer<const char>(0).is_null())
        TRY(source.copy(arguments.pointer<const char>(0)));
    const Path place = TRY(find_at(current_directory, arguments.pointer<const char>(1), 0));
    TRY(require(Capability::sys_admin));
    const u64 flags = arguments[3];
    const Path base = current_process().file_system->working_directory();
    if ((flags & mount_flag::remount) != 0) {
        TRY(mounts::remount(place, flags));
        return 0;
    }
    if ((flags & mount_flag::propagation) != 0)
        return 0;  // nothing propagates here, whatever is asked for
    if ((flags & (mount_flag::bind | mount_flag::move)) != 0) {
        const Path from = TRY(vfs::resolve(base, source.view(), vfs::FollowLast::yes));
        TRY((flags & mount_flag::move) != 0 ? mounts::move(place, from) : mounts::bind(place, from));
        return 0;
    }
    std::array<char, 64> type_buffer;
    std::array<char, 512> options_buffer;
    const auto type = TRY(user::copy_string(type_buffer, arguments.pointer<const char>(2)));
    const auto options = TRY(copy_optional(options_buffer, arguments.pointer<const char>(4)));
    TRY(mounts::mount(place, base, type, source.view(), flags, options));
    return 0;
}

Result<u64> sys_umount2(const Arguments& arguments)
{
    enum Flag : u32 { force = 1, detach = 2, expire = 4, no_follow = 8 };
    const u32 flags = arguments.as_u32(1);
    TRY(require_only(force | detach | no_follow, flags));
    const auto follow = (flags & no_follow) != 0 ? vfs::FollowLast::no : vfs::FollowLast::yes;
    auto place = TRY(find_at(current_directory, arguments.pointer<const char>(0), 0, follow));
    TRY(require(Capability::sys_admin));
    TRY(mounts::unmount(std::move(place), (flags & detach) != 0 ? mounts::Detach::yes : mounts::Detach::no));
    return 0;
}

Result<u64> sys_statfs(const Arguments& arguments)
{
    const auto path = TRY(find_at(current_directory, arguments.pointer<const char>(0), 0));
    return store_statistics(path, arguments.pointer<StatfsLayout>(1));
}

Result<u64> sys_fstatfs(const Arguments& arguments)
{
    const auto file = TRY(any_file(arguments.as_int(0)));
    return store_statistics(file->path(), arguments.pointer<StatfsLayout>(1));
}

}  // namespace tenon::syscall
