#pragma once

#include "kernel/syscall/system_call.h"

// Descriptors and data.

namespace tenon::syscall {

Result<u64> sys_openat(const Arguments& arguments);
Result<u64> sys_close(const Arguments& arguments);
Result<u64> sys_read(const Arguments& arguments);
Result<u64> sys_write(const Arguments& arguments);
Result<u64> sys_readv(const Arguments& arguments);
Result<u64> sys_writev(const Arguments& arguments);
Result<u64> sys_pread64(const Arguments& arguments);
Result<u64> sys_pwrite64(const Arguments& arguments);
Result<u64> sys_preadv(const Arguments& arguments);
Result<u64> sys_pwritev(const Arguments& arguments);
Result<u64> sys_lseek(const Arguments& arguments);
Result<u64> sys_dup(const Arguments& arguments);
Result<u64> sys_dup3(const Arguments& arguments);
Result<u64> sys_fcntl(const Arguments& arguments);
Result<u64> sys_ioctl(const Arguments& arguments);
Result<u64> sys_sendfile(const Arguments& arguments);
Result<u64> sys_copy_file_range(const Arguments& arguments);
Result<u64> sys_fsync(const Arguments& arguments);
Result<u64> sys_ftruncate(const Arguments& arguments);
Result<u64> sys_truncate(const Arguments& arguments);
Result<u64> sys_fallocate(const Arguments& arguments);
Result<u64> sys_fadvise(const Arguments& arguments);
Result<u64> sys_flock(const Arguments& arguments);
Result<u64> sys_sync(const Arguments& arguments);

}  // namespace tenon::syscall
