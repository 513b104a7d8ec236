#pragma once

#include "kernel/fs/path.h"
#include "kernel/lib/result.h"

// Where pipes without names have their inodes: a file system that is mounted nowhere, so that a pipe can be asked for its attributes, given
// other owners and opened again through /proc/PID/fd like everything else that is open.

namespace tenon::pipe_file_system {

// Called once at boot, when file systems can be made.
Result<> initialise();

// The place of a new pipe, which belongs to the caller. Its inode's open() gives ends, and never waits. Errno::nomem.
Result<Path> make_pipe();

}  // namespace tenon::pipe_file_system
