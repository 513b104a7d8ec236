#pragma once

#include "kernel/lib/result.h"
#include "kernel/proc/process.h"

// Job control: groups and sessions of processes (POSIX.1, Base Definitions 3.290, 3.343).

namespace tenon::process_groups {

// Errno as setpgid(2), setsid(2) give it.
Result<> set_group(Process& caller, u32 id, u32 group);
Result<u32> start_session(Process& caller);

// Whether no member of the group has a parent in another group of the same session; process_table::lock is held.
bool is_orphaned_locked(u32 group, u32 session, const Process* leaving = nullptr);
// `leaving` exits: stopped groups that become orphaned by it get SIGHUP and SIGCONT; process_table::lock is held.
void release_orphans_locked(Process& leaving);

}  // namespace tenon::process_groups
