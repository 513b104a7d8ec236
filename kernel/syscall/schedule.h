#pragma once

#include "kernel/syscall/system_call.h"

namespace tenon::syscall {

Result<u64> sys_sched_yield(const Arguments& arguments);
Result<u64> sys_sched_getaffinity(const Arguments& arguments);
Result<u64> sys_sched_setaffinity(const Arguments& arguments);
Result<u64> sys_sched_getscheduler(const Arguments& arguments);
Result<u64> sys_sched_setscheduler(const Arguments& arguments);
Result<u64> sys_sched_getparam(const Arguments& arguments);
Result<u64> sys_sched_setparam(const Arguments& arguments);
Result<u64> sys_sched_get_priority_max(const Arguments& arguments);
Result<u64> sys_sched_get_priority_min(const Arguments& arguments);
Result<u64> sys_sched_rr_get_interval(const Arguments& arguments);
Result<u64> sys_getpriority(const Arguments& arguments);
Result<u64> sys_setpriority(const Arguments& arguments);

}  // namespace tenon::syscall
