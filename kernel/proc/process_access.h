#pragma once

#include "kernel/lib/result.h"
#include "kernel/proc/credentials.h"
#include "kernel/proc/process.h"

// What the calling thread may do to other processes.

namespace tenon::process_access {

// kill(2). Usable under process_table::lock.
bool may_signal(const Process& target, int number);

// setpriority, sched_setscheduler, sched_setaffinity, ioprio_set: the target has the caller's effective user, or CAP_SYS_NICE.
bool may_schedule(const Process& target);

// prlimit64 of another process: all of the target's ids are the caller's real ones, or CAP_SYS_RESOURCE.
bool may_limit(const Process& target);

// Looking into the target's memory, files and environment, as ptrace(2) "Ptrace access mode checking" says for
// PTRACE_MODE_READ_FSCREDS: /proc/PID asks it.
bool may_inspect(const Process& target);

// To whom the files of /proc/PID belong (proc(5)); `mode` is the file's.
struct Owner {
    u32 uid = 0;
    u32 gid = 0;
};
Owner owner_of_files(const Process& process, u32 mode);

}  // namespace tenon::process_access
