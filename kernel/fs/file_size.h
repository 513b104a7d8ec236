#pragma once

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

// How large the calling process may make a regular file: RLIMIT_FSIZE, and what an offset can express.

namespace tenon {

// How much of `wanted` bytes from `offset` on may be written: the part below the limit. Errno::fbig when there is none, with
// SIGXFSZ for the process when its own limit is the reason (POSIX.1, write).
Result<u64> writable_size(u64 offset, u64 wanted);
// Errno::fbig, with SIGXFSZ, when the process may not make a file of this size.
Result<> require_size(u64 size);

}  // namespace tenon
