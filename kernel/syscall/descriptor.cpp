#include "kernel/syscall/descriptor.h"

#include <algorithm>

#include "kernel/proc/process.h"
#include "kernel/proc/unshare.h"
#include "kernel/syscall/lock.h"
#include "kernel/syscall/user_path.h"

namespace tenon::syscall {
namespace {

// Which command stands where, from asm-generic/fcntl.h and linux/fcntl.h. What is not here (owners, leases, F_NOTIFY, seals) is
// refused with EINVAL.
enum Command : u32 {
    duplicate_from = 0,
    get_descriptor_flags = 1,
    set_descriptor_flags = 2,
    get_status_flags = 3,
    set_status_flags = 4,
    duplicate_close_on_exec = 1030,
    set_pipe_size = 1031,
    get_pipe_size = 1032,
};

// RLIMIT_NOFILE: one more than the largest descriptor that may be made.
u64 descriptor_end()
{
    return std::min<u64>(current_process().limits.values[ResourceLimits::open_files].current, FileTable::limit);
}

Result<u64> duplicate(int descriptor, u64 minimum, CloseOnExec close_on_exec)
{
    auto file = TRY(any_file(descriptor));
    if (minimum >= descriptor_end())
        return fail(Errno::inval);
    const int copy = TRY(install(std::move(file), close_on_exec, static_cast<int>(minimum)));
    return static_cast<u64>(copy);
}

// What may be done with a descriptor that only stands for a place in the tree (O_PATH), too.
Result<std::optional<u64>> descriptor_command(int descriptor, u32 command, u64 argument)
{
    FileTable& files = *current_process().files;
    switch (command) {
    case duplicate_from: return TRY(duplicate(descriptor, argument, CloseOnExec::no));
    case duplicate_close_on_exec: return TRY(duplicate(descriptor, argument, CloseOnExec::yes));
    case get_descriptor_flags: return u64{TRY(files.get_close_on_exec(descriptor))};
    case set_descriptor_flags: TRY(files.set_close_on_exec(descriptor, (argument & 1) != 0)); return 0;
    case get_status_flags: {
        const auto file = TRY(any_file(descriptor));
        return u64{file->flags() | (file->is_path_only() ? 0 : open_flag::large_file)};
    }
    default: return std::nullopt;
    }
}

Result<u64> pipe_command(OpenFile& file, u32 command, u64 argument)
{
    if (file.operations() == nullptr)
        return fail(Errno::badf);
    const usize size = TRY(command == get_pipe_size ? file.operations()->pipe_size() : file.operations()->set_pipe_size(argument));
    return size;
}

}  // namespace

Result<int> install(Ref<OpenFile> file, CloseOnExec close_on_exec, int minimum)
{
    return current_process().files->insert(std::move(file), close_on_exec == CloseOnExec::yes, minimum, descriptor_end());
}

Result<> require_descriptor()
{
    return current_process().files->require_free(descriptor_end());
}

Result<u64> sys_close(const Arguments& arguments)
{
    TRY(current_process().files->close(arguments.as_int(0)));
    return 0;
}

Result<u64> sys_close_range(const Arguments& arguments)
{
    constexpr u32 from_own_table = 2;  // CLOSE_RANGE_UNSHARE
    constexpr u32 set_close_on_exec = 4;

    const u32 first = arguments.as_u32(0);
    const u32 last = arguments.as_u32(1);
    const u32 flags = arguments.as_u32(2);
    if ((flags & ~(from_own_table | set_close_on_exec)) != 0 || first > last)
        return fail(Errno::inval);
    Process& process = current_process();
    if ((flags & from_own_table) != 0) {
        TRY(unshare::require_one_thread(process));
        TRY(unshare::files(process));
    }
    if ((flags & set_close_on_exec) != 0)
        process.files->set_close_on_exec_range(first, last);
    else
        process.files->close_range(first, last);
    return 0;
}

Result<u64> sys_dup(const Arguments& arguments)
{
    auto file = TRY(any_file(arguments.as_int(0)));
    const int copy = TRY(install(std::move(file), CloseOnExec::no));
    return static_cast<u64>(copy);
}

Result<u64> sys_dup3(const Arguments& arguments)
{
    const u32 flags = arguments.as_u32(2);
    const int target = arguments.as_int(1);
    if ((flags & ~open_flag::close_on_exec) != 0 || arguments.as_int(0) == target)
        return fail(Errno::inval);
    if (target < 0 || static_cast<u64>(target) >= descriptor_end())
        return fail(Errno::badf);
    auto file = TRY(any_file(arguments.as_int(0)));
    TRY(current_process().files->replace(target, std::move(file), flags != 0));
    return static_cast<u64>(target);
}

Result<u64> sys_fcntl(const Arguments& arguments)
{
    const int descriptor = arguments.as_int(0);
    const u32 command = arguments.as_u32(1);
    TRY(any_file(descriptor));
    if (const auto done = TRY(descriptor_command(descriptor, command, arguments[2])))
        return *done;
    const auto file = TRY(open_file(descriptor));
    switch (command) {
    case set_status_flags: TRY(file->set_status_flags(static_cast<u32>(arguments[2]))); return 0;
    case set_pipe_size:
    case get_pipe_size: return pipe_command(*file, command, arguments[2]);
    default: return lock_command(*file, arguments);
    }
}

}  // namespace tenon::syscall
