#include "kernel/syscall/execute.h"

#include "kernel/proc/exec.h"
#include "kernel/syscall/user_path.h"

namespace tenon::syscall {
namespace {

using ShownName = FixedText<path_max + 24>;

// Starts the program that (descriptor, name, flags) stand for. An interpreter of it finds it as /dev/fd/N when it was not named by a path
// of its own, as on Linux.
Result<u64> execute_at(int descriptor, UserPtr<const char> name, UserPtr<u64> arguments, UserPtr<u64> environment, u32 flags)
{
    TRY(require_only(at_flag::no_follow | at_flag::empty_path, flags));
    UserPath given;
    TRY(given.copy(name));
    ProgramPlace place;
    place.path = TRY(find_at(descriptor, given.view(), flags));
    if (place.path.inode().is_symlink())  // AT_SYMLINK_NOFOLLOW
        return fail(Errno::loop);
    place.name = given.view();
    std::unique_ptr<ShownName> shown;
    if (descriptor != current_directory && !given.view().starts_with('/')) {
        shown.reset(new (std::nothrow) ShownName);
        if (!shown)
            return fail(Errno::nomem);
        shown->format("/dev/fd/{}{}{}", descriptor, given.view().empty() ? "" : "/", given.view());
        place.name = shown->view();
        place.is_name_lost = TRY(current_process().files->get_close_on_exec(descriptor));
    }
    auto gathered = TRY(gather_user_arguments(place.name, arguments, environment));
    TRY(execute(current_process(), place, std::move(gathered), arch::user_registers(arch::current_thread())));
    return 0;
}

}  // namespace

Result<u64> sys_execve(const Arguments& arguments)
{
    return execute_at(current_directory, arguments.pointer<const char>(0), arguments.pointer<u64>(1), arguments.pointer<u64>(2), 0);
}

Result<u64> sys_execveat(const Arguments& arguments)
{
    return execute_at(arguments.as_int(0), arguments.pointer<const char>(1), arguments.pointer<u64>(2), arguments.pointer<u64>(3),
                      arguments.as_u32(4));
}

}  // namespace tenon::syscall
