#pragma once

#include "kernel/fs/open_file.h"
#include "kernel/syscall/system_call.h"

// Advisory locks: flock, and the commands of fcntl that get and set them.

namespace tenon::syscall {

// fcntl(descriptor, command, argument) on `file`, which the descriptor stands for. Errno::inval for a command that is none of these.
Result<u64> lock_command(OpenFile& file, const Arguments& arguments);
Result<u64> sys_flock(const Arguments& arguments);

}  // namespace tenon::syscall
