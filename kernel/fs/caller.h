#pragma once

#include "kernel/fs/path.h"
#include "kernel/lib/types.h"

// What file systems ask of the process whose call they carry out, and tell it. kernel/proc/caller.cpp answers.

namespace tenon::caller {

// Where its names start; empty for threads of the kernel, and before it has a place among the files.
Path root_directory();
// RLIMIT_FSIZE, in bytes; nothing limits threads of the kernel.
u64 file_size_limit();
// The signals that POSIX.1 wants beside an error of write(): for a file that would exceed the limit, and for a pipe without readers.
// For threads of a process only.
void note_file_too_large();
void note_broken_pipe();

}  // namespace tenon::caller
