#pragma once

#include "kernel/fs/open_file.h"
#include "kernel/syscall/system_call.h"

// The table of descriptors: what they stand for, copies of them, and fcntl.

namespace tenon::syscall {

enum class CloseOnExec : bool { no, yes };

// The lowest free descriptor from `minimum` on, below the process's limit; Errno::mfile.
Result<int> install(Ref<OpenFile> file, CloseOnExec close_on_exec, int minimum = 0);

// Whether one can be had, for what makes a file before it needs one. Errno::mfile, nomem.
Result<> require_descriptor();

Result<u64> sys_close(const Arguments& arguments);
Result<u64> sys_close_range(const Arguments& arguments);
Result<u64> sys_dup(const Arguments& arguments);
Result<u64> sys_dup3(const Arguments& arguments);
Result<u64> sys_fcntl(const Arguments& arguments);

}  // namespace tenon::syscall
