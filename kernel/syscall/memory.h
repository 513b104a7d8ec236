#pragma once

#include "kernel/syscall/system_call.h"

namespace tenon::syscall {

Result<u64> sys_brk(const Arguments& arguments);
Result<u64> sys_munmap(const Arguments& arguments);
Result<u64> sys_mremap(const Arguments& arguments);
Result<u64> sys_mmap(const Arguments& arguments);
Result<u64> sys_mprotect(const Arguments& arguments);
Result<u64> sys_msync(const Arguments& arguments);
Result<u64> sys_mincore(const Arguments& arguments);
Result<u64> sys_mlock(const Arguments& arguments);
Result<u64> sys_mlock2(const Arguments& arguments);
Result<u64> sys_mlockall(const Arguments& arguments);
Result<u64> sys_munlock(const Arguments& arguments);
Result<u64> sys_munlockall(const Arguments& arguments);
Result<u64> sys_madvise(const Arguments& arguments);

}  // namespace tenon::syscall
