#pragma once

#include "kernel/proc/process.h"

// The end of what a process shares with others since clone(2): from here on it has a copy of its own.

namespace tenon::unshare {

// For the calling process, which has one thread. Errno::nomem.
Result<> files(Process& process);        // CLONE_FILES
Result<> directories(Process& process);  // CLONE_FS, which is about the umask, too

// Errno::inval when it has more: its threads share them all.
Result<> require_one_thread(Process& process);

}  // namespace tenon::unshare
