#pragma once

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

// User programs may not take the last memory: the kernel keeps a reserve to work with while it ends the guilty, and above it another
// one that only privileged processes may use, so that root can still fork and exec whatever others do. Programs' own pages and what is
// new ask before; frames::allocate sees to it that what asks nobody (objects that calls make on the way) leaves the reserve, too.

namespace tenon::memory_limits {

// Before a page for a program that runs already: Errno::nomem when only the reserve is left. The caller holds no spinlock.
Result<> require_user_page();
// Before something new (fork, execve, a mapping, a file, a pipe): one reserve more must be free. The caller holds no spinlock.
Result<> require_growth();
// Whether require_user_page() or require_growth() would succeed without giving up cached pages. Every context.
bool has_user_page();
bool has_growth();
// Whether the calling thread may take so many frames more, for whatever: an ordinary user's may not when that would begin what is
// reserved for root, unless it has been told to end and gives back what it has. Every context.
bool may_take_frames(u64 count);
// The least that ordinary processes leave free.
u64 reserved_pages();
// Whether a private writable mapping of that size can be meant seriously.
bool is_plausible(u64 pages);
// How much of memory the files of one user may take. Root's may take all.
u64 max_file_bytes();
// How many threads of programs, those of one process or of many, the machine's memory carries, and how many an ordinary user may have
// unless RLIMIT_NPROC says otherwise.
u32 max_threads();
u32 max_threads_of_user();

}  // namespace tenon::memory_limits
