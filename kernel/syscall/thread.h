#pragma once

#include "kernel/proc/futex.h"
#include "kernel/proc/process_table.h"
#include "kernel/syscall/system_call.h"

namespace tenon::syscall {

Result<u64> sys_clone(const Arguments& arguments);
Result<u64> sys_clone3(const Arguments& arguments);
Result<u64> sys_unshare(const Arguments& arguments);
Result<u64> sys_exit(const Arguments& arguments);
Result<u64> sys_exit_group(const Arguments& arguments);
Result<u64> sys_gettid(const Arguments& arguments);
Result<u64> sys_set_tid_address(const Arguments& arguments);
Result<u64> sys_set_robust_list(const Arguments& arguments);
Result<u64> sys_get_robust_list(const Arguments& arguments);
Result<u64> sys_futex(const Arguments& arguments);

// The thread that has this id; 0 stands for the caller. Errno::srch.
Result<process_table::FoundThread> thread_or_caller(u32 id);

// The wait itself, also when restart_syscall(2) goes on with it.
Result<u64> wait_for_futex(const futexes::WaitRequest& request);

}  // namespace tenon::syscall
