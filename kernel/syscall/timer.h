#pragma once

#include "kernel/syscall/system_call.h"

namespace tenon::syscall {

Result<u64> sys_getitimer(const Arguments& arguments);
Result<u64> sys_setitimer(const Arguments& arguments);
Result<u64> sys_timer_create(const Arguments& arguments);
Result<u64> sys_timer_gettime(const Arguments& arguments);
Result<u64> sys_timer_getoverrun(const Arguments& arguments);
Result<u64> sys_timer_settime(const Arguments& arguments);
Result<u64> sys_timer_delete(const Arguments& arguments);

}  // namespace tenon::syscall
