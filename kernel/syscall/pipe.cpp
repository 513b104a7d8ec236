#include "kernel/syscall/pipe.h"

#include "kernel/fs/pipe/pipe_file_system.h"
#include "kernel/lib/scope_exit.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/descriptor.h"

namespace tenon::syscall {

namespace {

Result<Ref<OpenFile>> open_end(const Path& pipe, u32 flags)
{
    Opened opened;
    opened.operations = TRY(pipe.inode().open(flags));
    return OpenFile::create(pipe, std::move(opened), flags);
}

}  // namespace

Result<u64> sys_pipe2(const Arguments& arguments)
{
    const u32 flags = arguments.as_u32(1);
    if ((flags & ~(open_flag::close_on_exec | open_flag::nonblock)) != 0)
        return fail(Errno::inval);
    const Path pipe = TRY(pipe_file_system::make_pipe());
    auto reader = TRY(open_end(pipe, open_flag::read_only | (flags & open_flag::nonblock)));
    auto writer = TRY(open_end(pipe, open_flag::write_only | (flags & open_flag::nonblock)));

    FileTable& files = *current_process().files;
    const auto close_on_exec = (flags & open_flag::close_on_exec) != 0 ? CloseOnExec::yes : CloseOnExec::no;
    std::array<int, 2> descriptors{-1, -1};
    ScopeExit close_again([&] {
        for (const int descriptor : descriptors)
            if (descriptor >= 0)
                static_cast<void>(files.close(descriptor));
    });
    descriptors[0] = TRY(install(std::move(reader), close_on_exec));
    descriptors[1] = TRY(install(std::move(writer), close_on_exec));
    TRY(user::store(arguments.pointer<std::array<int, 2>>(0), descriptors));
    close_again.dismiss();
    return 0;
}

}  // namespace tenon::syscall
