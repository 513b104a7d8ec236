#pragma once

#include "kernel/syscall/system_call.h"

// Names.

namespace tenon::syscall {

Result<u64> sys_getdents64(const Arguments& arguments);
Result<u64> sys_mkdirat(const Arguments& arguments);
Result<u64> sys_mknodat(const Arguments& arguments);
Result<u64> sys_unlinkat(const Arguments& arguments);
Result<u64> sys_symlinkat(const Arguments& arguments);
Result<u64> sys_linkat(const Arguments& arguments);
Result<u64> sys_renameat(const Arguments& arguments);
Result<u64> sys_renameat2(const Arguments& arguments);
Result<u64> sys_readlinkat(const Arguments& arguments);
Result<u64> sys_chdir(const Arguments& arguments);
Result<u64> sys_fchdir(const Arguments& arguments);
Result<u64> sys_chroot(const Arguments& arguments);
Result<u64> sys_getcwd(const Arguments& arguments);

}  // namespace tenon::syscall
