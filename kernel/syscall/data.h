#pragma once

#include "kernel/syscall/system_call.h"

// The data of open files.

namespace tenon::syscall {

Result<u64> sys_read(const Arguments& arguments);
Result<u64> sys_write(const Arguments& arguments);
Result<u64> sys_readv(const Arguments& arguments);
Result<u64> sys_writev(const Arguments& arguments);
Result<u64> sys_pread64(const Arguments& arguments);
Result<u64> sys_pwrite64(const Arguments& arguments);
Result<u64> sys_preadv(const Arguments& arguments);
Result<u64> sys_pwritev(const Arguments& arguments);
Result<u64> sys_preadv2(const Arguments& arguments);
Result<u64> sys_pwritev2(const Arguments& arguments);
Result<u64> sys_sendfile(const Arguments& arguments);
Result<u64> sys_copy_file_range(const Arguments& arguments);

}  // namespace tenon::syscall
