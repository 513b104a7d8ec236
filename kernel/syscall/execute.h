#pragma once

#include "kernel/syscall/system_call.h"

// Running another program.

namespace tenon::syscall {

Result<u64> sys_execve(const Arguments& arguments);
Result<u64> sys_execveat(const Arguments& arguments);

}  // namespace tenon::syscall
