#pragma once

#include "kernel/syscall/system_call.h"

// How large files are, where they occupy space, and what is on their medium.

namespace tenon::syscall {

Result<u64> sys_truncate(const Arguments& arguments);
Result<u64> sys_ftruncate(const Arguments& arguments);
Result<u64> sys_fallocate(const Arguments& arguments);
Result<u64> sys_fadvise64(const Arguments& arguments);
Result<u64> sys_readahead(const Arguments& arguments);
Result<u64> sys_sync(const Arguments& arguments);
Result<u64> sys_syncfs(const Arguments& arguments);
Result<u64> sys_fsync(const Arguments& arguments);
Result<u64> sys_fdatasync(const Arguments& arguments);
Result<u64> sys_sync_file_range(const Arguments& arguments);

}  // namespace tenon::syscall
