#include "kernel/syscall/metadata.h"

#include "kernel/fs/file_time.h"
#include "kernel/fs/mount.h"
#include "kernel/mm/user_access.h"
#include "kernel/syscall/stat_layout.h"
#include "kernel/syscall/user_path.h"

namespace tenon::syscall {
namespace {

struct Described {
    InodeAttributes attributes;
    u64 device = 0;
};

Described describe(const Path& path)
{
    return {path.inode().attributes(), path.mount()->file_system().device_number()};
}

// A pipe has no name and no inode: it looks like a fifo of its own.
Described describe(const OpenFile& file)
{
    if (!file.path().is_empty())
        return describe(file.path());
    Described pipe;
    pipe.attributes.number = reinterpret_cast<u64>(file.operations()) >> 4;
    pipe.attributes.mode = mode::fifo | 0600;
    return pipe;
}

Result<Described> describe_at(int descriptor, UserPtr<const char> name, u32 flags)
{
    if ((flags & at_flag::empty_path) != 0 && descriptor != current_directory) {
        UserPath text;
        TRY(text.copy(name));
        if (text.view().empty())
            return describe(*TRY(open_file(descriptor)));
    }
    return describe(TRY(find_at(descriptor, name, flags)));
}

Result<u64> check_access(const Path& path, u32 wanted)
{
    enum Wanted : u32 { execute = 1, write = 2, read = 4 };
    if ((wanted & ~u32{execute | write | read}) != 0)
        return fail(Errno::inval);
    constexpr u32 any_execute = 0111;
    const InodeAttributes attributes = path.inode().attributes();
    const bool is_directory = (attributes.mode & mode::type_mask) == mode::directory;
    if ((wanted & write) != 0)
        TRY(vfs::require_writable(path));
    if ((wanted & execute) != 0 && !is_directory && (attributes.mode & any_execute) == 0)
        return fail(Errno::acces);
    return 0;
}

Result<u64> change_owner(const Path& path, u32 uid, u32 gid)
{
    constexpr u32 unchanged = ~0u;
    const InodeAttributes now = path.inode().attributes();
    TRY(vfs::set_owner(path, uid == unchanged ? now.uid : uid, gid == unchanged ? now.gid : gid));
    return 0;
}

// One of the two times of utimensat.
Result<TimeSpec> choose_time(TimeSpec wanted, TimeSpec present)
{
    constexpr i64 now = 0x3fff'ffff;
    constexpr i64 unchanged = 0x3fff'fffe;
    if (wanted.nanoseconds == now)
        return file_time_now();
    if (wanted.nanoseconds == unchanged)
        return present;
    if (wanted.nanoseconds < 0 || wanted.nanoseconds >= static_cast<i64>(nanoseconds_per_second))
        return fail(Errno::inval);
    return wanted;
}

// The path of a descriptor, for calls that change what it stands for.
Result<Path> path_of(int descriptor)
{
    const auto file = TRY(open_file(descriptor));
    if (file->path().is_empty())
        return fail(Errno::inval);
    return file->path();
}

}  // namespace

Result<u64> sys_newfstatat(const Arguments& arguments)
{
    const auto described = TRY(describe_at(arguments.as_int(0), arguments.pointer<const char>(1), arguments.as_u32(3)));
    TRY(user::store(arguments.pointer<StatLayout>(2), make_stat(described.attributes, described.device)));
    return 0;
}

Result<u64> sys_fstat(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    const auto described = describe(*file);
    TRY(user::store(arguments.pointer<StatLayout>(1), make_stat(described.attributes, described.device)));
    return 0;
}

Result<u64> sys_statx(const Arguments& arguments)
{
    const auto described = TRY(describe_at(arguments.as_int(0), arguments.pointer<const char>(1), arguments.as_u32(2)));
    TRY(user::store(arguments.pointer<StatxLayout>(4), make_statx(described.attributes, described.device)));
    return 0;
}

Result<u64> sys_faccessat(const Arguments& arguments)
{
    const auto path = TRY(find_at(arguments.as_int(0), arguments.pointer<const char>(1), 0));
    return check_access(path, arguments.as_u32(2));
}

Result<u64> sys_faccessat2(const Arguments& arguments)
{
    const auto path = TRY(find_at(arguments.as_int(0), arguments.pointer<const char>(1), arguments.as_u32(3)));
    return check_access(path, arguments.as_u32(2));
}

Result<u64> sys_fchmod(const Arguments& arguments)
{
    const auto path = TRY(path_of(arguments.as_int(0)));
    TRY(vfs::set_mode(path, arguments.as_u32(1)));
    return 0;
}

Result<u64> sys_fchmodat(const Arguments& arguments)
{
    const auto path = TRY(find_at(arguments.as_int(0), arguments.pointer<const char>(1), 0));
    TRY(vfs::set_mode(path, arguments.as_u32(2)));
    return 0;
}

Result<u64> sys_fchown(const Arguments& arguments)
{
    const auto path = TRY(path_of(arguments.as_int(0)));
    return change_owner(path, arguments.as_u32(1), arguments.as_u32(2));
}

Result<u64> sys_fchownat(const Arguments& arguments)
{
    const auto path = TRY(find_at(arguments.as_int(0), arguments.pointer<const char>(1), arguments.as_u32(4)));
    return change_owner(path, arguments.as_u32(2), arguments.as_u32(3));
}

Result<u64> sys_utimensat(const Arguments& arguments)
{
    const auto name = arguments.pointer<const char>(1);
    const auto path = TRY(name.is_null() ? path_of(arguments.as_int(0)) : find_at(arguments.as_int(0), name, arguments.as_u32(3)));
    TimeSpec accessed = file_time_now();
    TimeSpec modified = accessed;
    if (const auto times = arguments.pointer<TimeSpec>(2); !times.is_null()) {
        const InodeAttributes present = path.inode().attributes();
        accessed = TRY(user::load(times));
        modified = TRY(user::load(times + 1));
        accessed = TRY(choose_time(accessed, present.accessed));
        modified = TRY(choose_time(modified, present.modified));
    }
    TRY(vfs::set_times(path, accessed, modified));
    return 0;
}

}  // namespace tenon::syscall
