#pragma once

#include "kernel/syscall/system_call.h"

namespace tenon::syscall {

Result<u64> sys_waitid(const Arguments& arguments);
Result<u64> sys_setpgid(const Arguments& arguments);
Result<u64> sys_getpgid(const Arguments& arguments);
Result<u64> sys_getsid(const Arguments& arguments);
Result<u64> sys_setsid(const Arguments& arguments);
Result<u64> sys_getrlimit(const Arguments& arguments);
Result<u64> sys_setrlimit(const Arguments& arguments);
Result<u64> sys_getrusage(const Arguments& arguments);
Result<u64> sys_umask(const Arguments& arguments);
Result<u64> sys_prctl(const Arguments& arguments);
Result<u64> sys_getpid(const Arguments& arguments);
Result<u64> sys_getppid(const Arguments& arguments);
Result<u64> sys_wait4(const Arguments& arguments);
Result<u64> sys_prlimit64(const Arguments& arguments);

}  // namespace tenon::syscall
