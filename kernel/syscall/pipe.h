#pragma once

#include "kernel/syscall/system_call.h"

// Pipes.

namespace tenon::syscall {

Result<u64> sys_pipe2(const Arguments& arguments);

}  // namespace tenon::syscall
