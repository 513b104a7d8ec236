#pragma once

#include <span>

#include "kernel/lib/address.h"
#include "kernel/lib/result.h"

// A second, writable mapping of memory that is read-only where it stands: the only way to write module text, and there only while
// the loader writes.

namespace tenon::write_window {

// Once, before the first window.
Result<> initialise();

// Maps the pages of [place, +size) once more; the span shows the same bytes. Errno::nomem.
Result<std::span<std::byte>> open(KernelAddr place, u64 size);
void close(std::span<std::byte> bytes);

// Whether addresses of windows of ordinary size lie there.
bool contains(KernelAddr address);
// Whether none is open.
bool all_closed();

}  // namespace tenon::write_window
