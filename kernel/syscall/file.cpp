#include "kernel/syscall/file.h"

#include "kernel/mm/user_access.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/lock.h"
#include "kernel/syscall/user_path.h"

namespace tenon::syscall {
namespace {

enum class CloseOnExec : bool { no, yes };

Result<u64> install(Ref<OpenFile> file, CloseOnExec close_on_exec, int minimum = 0)
{
    const int descriptor =
        TRY(current_process().files->insert(std::move(file), close_on_exec == CloseOnExec::yes, minimum));
    return static_cast<u64>(descriptor);
}

Result<u64> duplicate(int descriptor, u64 minimum, CloseOnExec close_on_exec)
{
    auto file = TRY(any_file(descriptor));
    if (minimum >= FileTable::limit)
        return fail(Errno::inval);
    return install(std::move(file), close_on_exec, static_cast<int>(minimum));
}

// Which command stands where, from asm-generic/fcntl.h and linux/fcntl.h. What is not here (owners, leases, F_NOTIFY, sizes of pipes,
// seals) is refused with EINVAL.
enum Command : u32 {
    duplicate_from = 0,
    get_descriptor_flags = 1,
    set_descriptor_flags = 2,
    get_status_flags = 3,
    set_status_flags = 4,
    duplicate_close_on_exec = 1030,
};

// What may be done with a descriptor that only stands for a place in the tree (O_PATH), too.
bool is_descriptor_command(u32 command)
{
    return command == duplicate_from || command == duplicate_close_on_exec || command == get_descriptor_flags ||
           command == set_descriptor_flags || command == get_status_flags;
}

Result<u64> change_status_flags(OpenFile& file, u32 flags)
{
    // O_DIRECT and O_ASYNC: nothing here goes past the caches, and nobody is sent SIGIO.
    constexpr u32 refused = 0200000 | 020000;
    if ((flags & refused) != 0)
        return fail(Errno::inval);
    file.set_status_flags(flags);
    return 0;
}

}  // namespace

Result<u64> sys_openat(const Arguments& arguments)
{
    UserPath name;
    TRY(name.copy(arguments.pointer<const char>(1)));
    const u32 flags = arguments.as_u32(2);
    const auto base = TRY(base_of(arguments.as_int(0), name.view()));
    const u32 permissions = arguments.as_u32(3) & mode::permissions & ~current_process().file_system->umask.load();
    auto file = TRY(restartable(vfs::open(base, name.view(), flags, permissions)));
    return install(std::move(file), (flags & open_flag::close_on_exec) != 0 ? CloseOnExec::yes : CloseOnExec::no);
}

Result<u64> sys_close(const Arguments& arguments)
{
    TRY(current_process().files->close(arguments.as_int(0)));
    return 0;
}

Result<u64> sys_dup(const Arguments& arguments)
{
    return duplicate(arguments.as_int(0), 0, CloseOnExec::no);
}

Result<u64> sys_dup3(const Arguments& arguments)
{
    const u32 flags = arguments.as_u32(2);
    if ((flags & ~open_flag::close_on_exec) != 0 || arguments.as_int(0) == arguments.as_int(1))
        return fail(Errno::inval);
    auto file = TRY(any_file(arguments.as_int(0)));
    const int target = arguments.as_int(1);
    if (target < 0 || target >= static_cast<int>(FileTable::limit))
        return fail(Errno::badf);
    TRY(current_process().files->replace(target, std::move(file), flags != 0));
    return static_cast<u64>(target);
}

Result<u64> sys_fcntl(const Arguments& arguments)
{
    const int descriptor = arguments.as_int(0);
    const u64 argument = arguments[2];
    FileTable& files = *current_process().files;
    const u32 command = arguments.as_u32(1);
    const auto file = TRY(is_descriptor_command(command) ? any_file(descriptor) : open_file(descriptor));
    switch (command) {
    case duplicate_from: return duplicate(descriptor, argument, CloseOnExec::no);
    case duplicate_close_on_exec: return duplicate(descriptor, argument, CloseOnExec::yes);
    case get_descriptor_flags: return u64{TRY(files.get_close_on_exec(descriptor))};
    case set_descriptor_flags: TRY(files.set_close_on_exec(descriptor, (argument & 1) != 0)); return 0;
    case get_status_flags: return u64{file->flags() | ((file->flags() & open_flag::path_only) != 0 ? 0 : open_flag::large_file)};
    case set_status_flags: return change_status_flags(*file, static_cast<u32>(argument));
    default: return lock_command(*file, arguments);
    }
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
        file->set_status_flags(wanted != 0 ? others | open_flag::nonblock : others);
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
