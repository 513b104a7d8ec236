#pragma once

#include "kernel/syscall/system_call.h"

namespace tenon::syscall {

Result<u64> sys_personality(const Arguments& arguments);
Result<u64> sys_syslog(const Arguments& arguments);
Result<u64> sys_reboot(const Arguments& arguments);
Result<u64> sys_uname(const Arguments& arguments);
Result<u64> sys_sethostname(const Arguments& arguments);
Result<u64> sys_setdomainname(const Arguments& arguments);
Result<u64> sys_getcpu(const Arguments& arguments);
Result<u64> sys_sysinfo(const Arguments& arguments);
Result<u64> sys_getrandom(const Arguments& arguments);

}  // namespace tenon::syscall
