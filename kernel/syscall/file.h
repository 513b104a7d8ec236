#pragma once

#include "kernel/syscall/system_call.h"

// Opening files, and what concerns an open file as a whole.

namespace tenon::syscall {

Result<u64> sys_openat(const Arguments& arguments);
Result<u64> sys_openat2(const Arguments& arguments);
Result<u64> sys_ioctl(const Arguments& arguments);
Result<u64> sys_lseek(const Arguments& arguments);

}  // namespace tenon::syscall
