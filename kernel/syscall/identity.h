#pragma once

#include <optional>

#include "kernel/proc/credentials.h"
#include "kernel/syscall/system_call.h"

namespace tenon::syscall {

// Gives the caller what a rule has made of its credentials.
Result<u64> change_credentials(Result<CredentialValues> wanted);
// The options of prctl that concern rights; empty for every other option.
std::optional<Result<u64>> control_credentials(const Arguments& arguments);

Result<u64> sys_capget(const Arguments& arguments);
Result<u64> sys_capset(const Arguments& arguments);
Result<u64> sys_setregid(const Arguments& arguments);
Result<u64> sys_setgid(const Arguments& arguments);
Result<u64> sys_setreuid(const Arguments& arguments);
Result<u64> sys_setuid(const Arguments& arguments);
Result<u64> sys_setresuid(const Arguments& arguments);
Result<u64> sys_getresuid(const Arguments& arguments);
Result<u64> sys_setresgid(const Arguments& arguments);
Result<u64> sys_getresgid(const Arguments& arguments);
Result<u64> sys_setfsuid(const Arguments& arguments);
Result<u64> sys_setfsgid(const Arguments& arguments);
Result<u64> sys_getgroups(const Arguments& arguments);
Result<u64> sys_setgroups(const Arguments& arguments);
Result<u64> sys_getuid(const Arguments& arguments);
Result<u64> sys_geteuid(const Arguments& arguments);
Result<u64> sys_getgid(const Arguments& arguments);
Result<u64> sys_getegid(const Arguments& arguments);

}  // namespace tenon::syscall
