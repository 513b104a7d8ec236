#pragma once

#include "kernel/syscall/system_call.h"

// Opening files, and descriptors.

namespace tenon::syscall {

Result<u64> sys_openat(const Arguments& arguments);
Result<u64> sys_close(const Arguments& arguments);
Result<u64> sys_dup(const Arguments& arguments);
Result<u64> sys_dup3(const Arguments& arguments);
Result<u64> sys_fcntl(const Arguments& arguments);
Result<u64> sys_ioctl(const Arguments& arguments);
Result<u64> sys_lseek(const Arguments& arguments);

}  // namespace tenon::syscall
