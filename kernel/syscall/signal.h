#pragma once

#include "kernel/syscall/system_call.h"

namespace tenon::syscall {

Result<u64> sys_kill(const Arguments& arguments);
Result<u64> sys_tkill(const Arguments& arguments);
Result<u64> sys_tgkill(const Arguments& arguments);
Result<u64> sys_sigaltstack(const Arguments& arguments);
Result<u64> sys_rt_sigsuspend(const Arguments& arguments);
Result<u64> sys_rt_sigaction(const Arguments& arguments);
Result<u64> sys_rt_sigprocmask(const Arguments& arguments);
Result<u64> sys_rt_sigpending(const Arguments& arguments);
Result<u64> sys_rt_sigtimedwait(const Arguments& arguments);
Result<u64> sys_rt_sigqueueinfo(const Arguments& arguments);
Result<u64> sys_rt_tgsigqueueinfo(const Arguments& arguments);
Result<u64> sys_rt_sigreturn(const Arguments& arguments);

}  // namespace tenon::syscall
