#pragma once

#include "kernel/syscall/system_call.h"

namespace tenon::syscall {

Result<u64> sys_nanosleep(const Arguments& arguments);
Result<u64> sys_clock_settime(const Arguments& arguments);
Result<u64> sys_clock_gettime(const Arguments& arguments);
Result<u64> sys_clock_getres(const Arguments& arguments);
Result<u64> sys_clock_nanosleep(const Arguments& arguments);
Result<u64> sys_restart_syscall(const Arguments& arguments);
Result<u64> sys_times(const Arguments& arguments);
Result<u64> sys_gettimeofday(const Arguments& arguments);
Result<u64> sys_settimeofday(const Arguments& arguments);

}  // namespace tenon::syscall
