#pragma once

#include "kernel/syscall/system_call.h"

// Mounted file systems.

namespace tenon::syscall {

Result<u64> sys_mount(const Arguments& arguments);
Result<u64> sys_umount2(const Arguments& arguments);
Result<u64> sys_statfs(const Arguments& arguments);
Result<u64> sys_fstatfs(const Arguments& arguments);

}  // namespace tenon::syscall
