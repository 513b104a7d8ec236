#include "kernel/syscall/metadata.h"

#include "kernel/fs/file_time.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/permission.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/credential_rules.h"
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

Result<Described> describe_at(int descriptor, UserPtr<const char> name, u32 flags)
{
    TRY(require_only(at_flag::no_follow | at_flag::no_automount | at_flag::empty_path | at_flag::sync_type, flags));
    if ((flags & at_flag::empty_path) != 0 && descriptor != current_directory) {
        UserPath text;
        TRY(text.copy(name));
        if (text.view().empty())
            return describe(TRY(any_file(descriptor))->path());
    }
    return describe(TRY(find_at(descriptor, name, flags)));
}

// What the permission bits let current_credentials() do (access(2)); writing needs a writable mount, running one without noexec.
Result<u64> check_access(const Path& path, u32 wanted)
{
    const InodeAttributes attributes = path.inode().attributes();
    const u32 type = attributes.mode & mode::type_mask;
    const bool is_plain = type == mode::regular || type == mode::directory || type == mode::symlink;
    if ((wanted & permission::execute) != 0 && type == mode::regular && (path.mount()->flags() & mount_flag::no_exec) != 0)
        return fail(Errno::acces);
    TRY(permission::require_for(attributes, wanted));
    if ((wanted & permission::write) != 0 && is_plain)
        TRY(vfs::require_writable(path));
    return 0;
}

// Asked with the real ids, for the walk to the file too, unless the flags say otherwise.
Result<u64> access_at(int descriptor, UserPtr<const char> name, u32 wanted, u32 flags)
{
    constexpr u32 effective_ids = 0x200;  // AT_EACCESS
    if ((wanted & ~(permission::execute | permission::write | permission::read)) != 0 ||
        (flags & ~(effective_ids | at_flag::no_follow | at_flag::empty_path)) != 0)
        return fail(Errno::inval);
    Ref<const Credentials> asking(&current_credentials());
    if ((flags & effective_ids) == 0)
        asking = TRY(Credentials::create(credential_rules::with_real_ids(*asking)));
    const ActingAs acting(*asking);
    const auto path = TRY(find_at(descriptor, name, flags));
    return check_access(path, wanted);
}

// What stands in the nanoseconds of utimensat instead of a time.
constexpr i64 time_now = 0x3fff'ffff;
constexpr i64 time_unchanged = 0x3fff'fffe;

// One of the two times of utimensat.
Result<TimeSpec> choose_time(TimeSpec wanted, TimeSpec present)
{
    if (wanted.nanoseconds == time_now)
        return file_time_now();
    if (wanted.nanoseconds == time_unchanged)
        return present;
    if (wanted.nanoseconds < 0 || wanted.nanoseconds >= static_cast<i64>(nanoseconds_per_second))
        return fail(Errno::inval);
    return wanted;
}

// The path of a descriptor, for calls that change what it stands for.
Result<Path> path_of(int descriptor)
{
    return TRY(open_file(descriptor))->path();
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
    const auto described = describe(TRY(any_file(arguments.as_int(0)))->path());
    TRY(user::store(arguments.pointer<StatLayout>(1), make_stat(described.attributes, described.device)));
    return 0;
}

// Every field that there is comes along, whatever the mask asks for.
Result<u64> sys_statx(const Arguments& arguments)
{
    constexpr u32 reserved_mask = 0x8000'0000;
    const bool forces_and_forbids = (arguments.as_u32(2) & at_flag::sync_type) == at_flag::sync_type;
    if ((arguments.as_u32(3) & reserved_mask) != 0 || forces_and_forbids)
        return fail(Errno::inval);
    const auto described = TRY(describe_at(arguments.as_int(0), arguments.pointer<const char>(1), arguments.as_u32(2)));
    TRY(user::store(arguments.pointer<StatxLayout>(4), make_statx(described.attributes, described.device)));
    return 0;
}

Result<u64> sys_faccessat(const Arguments& arguments)
{
    return access_at(arguments.as_int(0), arguments.pointer<const char>(1), arguments.as_u32(2), 0);
}

Result<u64> sys_faccessat2(const Arguments& arguments)
{
    TRY(require_only(at_flag::effective_access | at_flag::no_follow | at_flag::empty_path, arguments.as_u32(3)));
    return access_at(arguments.as_int(0), arguments.pointer<const char>(1), arguments.as_u32(2), arguments.as_u32(3));
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
    TRY(vfs::set_owner(path, arguments.as_u32(1), arguments.as_u32(2)));
    return 0;
}

Result<u64> sys_fchownat(const Arguments& arguments)
{
    TRY(require_only(at_flag::no_follow | at_flag::empty_path, arguments.as_u32(4)));
    const auto path = TRY(find_at(arguments.as_int(0), arguments.pointer<const char>(1), arguments.as_u32(4)));
    TRY(vfs::set_owner(path, arguments.as_u32(2), arguments.as_u32(3)));
    return 0;
}

Result<u64> sys_utimensat(const Arguments& arguments)
{
    const auto name = arguments.pointer<const char>(1);
    // Without a name the descriptor itself is meant, and there is nothing to follow.
    TRY(require_only(name.is_null() ? 0 : at_flag::no_follow | at_flag::empty_path, arguments.as_u32(3)));
    TimeSpec accessed = file_time_now();
    TimeSpec modified = accessed;
    auto both_now = vfs::SetsBothNow::yes;
    const auto times = arguments.pointer<TimeSpec>(2);
    if (!times.is_null()) {
        accessed = TRY(user::load(times));
        modified = TRY(user::load(times + 1));
        if (accessed.nanoseconds == time_unchanged && modified.nanoseconds == time_unchanged)
            return 0;
        if (accessed.nanoseconds != time_now || modified.nanoseconds != time_now)
            both_now = vfs::SetsBothNow::no;
    }
    const auto path = TRY(name.is_null() ? path_of(arguments.as_int(0)) : find_at(arguments.as_int(0), name, arguments.as_u32(3)));
    if (!times.is_null()) {
        const InodeAttributes present = path.inode().attributes();
        accessed = TRY(choose_time(accessed, present.accessed));
        modified = TRY(choose_time(modified, present.modified));
    }
    TRY(vfs::set_times(path, accessed, modified, both_now));
    return 0;
}

}  // namespace tenon::syscall
