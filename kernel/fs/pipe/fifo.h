#pragma once

#include <memory>

#include "kernel/lib/result.h"
#include <tenon/fs.h>

namespace tenon::fifo {

// Opens a named pipe: waits until the other side is opened too (Errno::intr), unless O_NONBLOCK (then Errno::nxio for a
// writer without reader). All openers of one inode share one pipe.
Result<std::unique_ptr<FileOperations>> open(const Inode& inode, u32 flags);

}  // namespace tenon::fifo
