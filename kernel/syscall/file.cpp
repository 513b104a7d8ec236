#include "kernel/syscall/file.h"

#include "kernel/mm/user_access.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/descriptor.h"
#include "kernel/syscall/extensible.h"
#include "kernel/syscall/user_path.h"

namespace tenon::syscall {
namespace {

// struct open_how (include/uapi/linux/openat2.h).
struct OpenHow {
    u64 flags = 0;
    u64 mode = 0;
    u64 resolve = 0;
};
constexpr u64 first_size = 24;  // of the structure's first version

// What openat ignores is refused here.
Result<> check_how(const OpenHow& how)
{
    constexpr u32 known = open_flag::access_mask | open_flag::create | open_flag::exclusive | open_flag::no_controlling_tty |
                          open_flag::truncate | open_flag::append | open_flag::nonblock | open_flag::sync | open_flag::async |
                          open_flag::directory | open_flag::no_follow | open_flag::direct | open_flag::large_file |
                          open_flag::no_access_time | open_flag::close_on_exec | open_flag::path_only | open_flag::unnamed;
    constexpr u32 of_places = open_flag::directory | open_flag::no_follow | open_flag::close_on_exec | open_flag::path_only;
    const bool makes_file = (how.flags & (open_flag::create | open_flag::unnamed)) != 0;
    const bool only_place = (how.flags & open_flag::path_only) != 0;
    if ((how.flags & ~u64{only_place ? of_places : known}) != 0)
        return fail(Errno::inval);
    if ((how.mode & ~u64{mode::permissions}) != 0 || (!makes_file && how.mode != 0))
        return fail(Errno::inval);
    return {};
}

// RESOLVE_CACHED is refused, as Linux does where it has none: whether a name needs the disk is not known in advance.
Result<vfs::ResolveRules> read_rules(u64 resolve)
{
    enum Rule : u64 { no_crossing = 1, no_magic_links = 2, no_links = 4, beneath = 8, in_root = 16 };
    if ((resolve & ~u64{no_crossing | no_magic_links | no_links | beneath | in_root}) != 0 || (resolve & (beneath | in_root)) == (beneath | in_root))
        return fail(Errno::inval);
    return vfs::ResolveRules{.one_mount = (resolve & no_crossing) != 0,
                             .no_magic_links = (resolve & no_magic_links) != 0,
                             .no_links = (resolve & no_links) != 0,
                             .beneath = (resolve & beneath) != 0,
                             .in_root = (resolve & in_root) != 0};
}

// Where a name starts. One that is resolved within a directory needs that directory, too, when it is absolute.
Result<Path> start_of(int descriptor, std::string_view name, const vfs::ResolveRules& rules)
{
    return base_of(descriptor, rules.is_scoped() && !name.empty() ? "." : name);
}

Result<u64> open_at(int descriptor, UserPtr<const char> name, u32 flags, u32 wanted_mode, const vfs::ResolveRules& rules)
{
    UserPath path;
    TRY(path.copy(name));
    const auto base = TRY(start_of(descriptor, path.view(), rules));
    TRY(require_descriptor());
    const u32 permissions = wanted_mode & mode::permissions & ~current_process().file_system->umask.load();
    auto file = TRY(restartable(vfs::open(base, path.view(), flags, permissions, rules)));
    const auto close_on_exec = (flags & open_flag::close_on_exec) != 0 ? CloseOnExec::yes : CloseOnExec::no;
    const int opened = TRY(install(std::move(file), close_on_exec));
    return static_cast<u64>(opened);
}

}  // namespace

Result<u64> sys_openat(const Arguments& arguments)
{
    return open_at(arguments.as_int(0), arguments.pointer<const char>(1), arguments.as_u32(2), arguments.as_u32(3), {});
}

Result<u64> sys_openat2(const Arguments& arguments)
{
    const auto how = TRY(load_extensible<OpenHow>(arguments.address(2), arguments[3], first_size));
    TRY(check_how(how));
    const auto rules = TRY(read_rules(how.resolve));
    return open_at(arguments.as_int(0), arguments.pointer<const char>(1), static_cast<u32>(how.flags), static_cast<u32>(how.mode), rules);
}

Result<u64> sys_ioctl(const Arguments& arguments)
{
    enum Request : u32 { no_close_on_exec = 0x5450, close_on_exec = 0x5451, set_nonblocking = 0x5421 };

    const int descriptor = arguments.as_int(0);
    const auto file = TRY(open_file(descriptor));
    switch (arguments.as_u32(1)) {
    case no_close_on_exec:
    case close_on_exec:
        TRY(current_process().files->set_close_on_exec(descriptor, arguments.as_u32(1) == close_on_exec));
        return 0;
    case set_nonblocking: {
        const int wanted = TRY(user::load(arguments.pointer<int>(2)));
        const u32 others = file->flags() & ~open_flag::nonblock;
        TRY(file->set_status_flags(wanted != 0 ? others | open_flag::nonblock : others));
        return 0;
    }
    default: return static_cast<u64>(TRY(restartable(file->ioctl(arguments.as_u32(1), arguments[2]))));
    }
}

Result<u64> sys_lseek(const Arguments& arguments)
{
    const auto file = TRY(open_file(arguments.as_int(0)));
    return file->seek(static_cast<i64>(arguments[1]), arguments.as_int(2));
}

}  // namespace tenon::syscall
