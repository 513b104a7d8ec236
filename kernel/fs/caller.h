#pragma once

#include <initializer_list>
#include <string_view>

#include "kernel/fs/path.h"
#include "kernel/lib/types.h"
#include <tenon/module.h>

// What file systems ask of the process whose call they carry out, and tell it. kernel/proc/caller.cpp answers.

namespace tenon::caller {

// Where its names start; empty for threads of the kernel, and before it has a place among the files.
Path root_directory();
// A reference to a module on its behalf: the parts say together what it uses. Errno::nodev when the module is on its way out, nomem.
Result<ModuleReference> hold(ModuleHandle* module, HolderKind kind, std::initializer_list<std::string_view> parts);
// RLIMIT_FSIZE, in bytes; nothing limits threads of the kernel.
u64 file_size_limit();
// The signals that POSIX.1 wants beside an error of write(): for a file that would exceed the limit, and for a pipe without readers.
// For threads of a process only.
void note_file_too_large();
void note_broken_pipe();

}  // namespace tenon::caller
