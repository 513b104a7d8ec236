#pragma once

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

// User programs may not take the last memory: the kernel keeps a reserve to work with while it ends the guilty. Every context.

namespace tenon::memory_limits {

// Before a page for a program that runs already: Errno::nomem when only the reserve is left.
Result<> require_user_page();
// Before something new (fork, execve, page tables of a large mapping): twice the reserve must be free.
Result<> require_growth();
// Whether a private writable mapping of that size can be meant seriously.
bool is_plausible(u64 pages);
// How many processes the machine's memory carries.
u32 max_processes();

}  // namespace tenon::memory_limits
