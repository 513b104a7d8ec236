#pragma once

#include "kernel/syscall/system_call.h"

// What stat and its relatives tell and change.

namespace tenon::syscall {

Result<u64> sys_newfstatat(const Arguments& arguments);
Result<u64> sys_fstat(const Arguments& arguments);
Result<u64> sys_statx(const Arguments& arguments);
Result<u64> sys_faccessat(const Arguments& arguments);
Result<u64> sys_faccessat2(const Arguments& arguments);
Result<u64> sys_fchmod(const Arguments& arguments);
Result<u64> sys_fchmodat(const Arguments& arguments);
Result<u64> sys_fchown(const Arguments& arguments);
Result<u64> sys_fchownat(const Arguments& arguments);
Result<u64> sys_utimensat(const Arguments& arguments);

}  // namespace tenon::syscall
