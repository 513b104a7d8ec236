#pragma once

#include "kernel/lib/result.h"
#include "kernel/proc/process.h"

// The threads of one process: how they join, how they leave, and how one makes the others leave.

namespace tenon::thread_groups {

// Gives a new thread of the calling thread's process an id and makes it one of the group; it is not started yet. Errno::again when no
// id is free, restart when the caller is to end or to stop itself.
Result<> join(UserThread& thread);

// The calling thread is no longer one of its process's; it does not block again. True for the last one, which goes on to end the process.
bool leave();

// All threads of the calling thread's process are to end with it, with `status` as the process's unless another was settled before.
void begin_exit(int status);

// For execve: ends all other threads of the process, waits for them and makes the calling thread the leader. Errno::again when the
// process is ending or another thread does the same, intr when it is killed meanwhile; others may have ended then.
Result<> become_only_thread();

}  // namespace tenon::thread_groups
