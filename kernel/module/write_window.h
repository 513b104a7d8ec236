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

// Whether a window of ordinary size is open there. A closing one counts as open until its pages are unmapped.
bool is_open(KernelAddr address);

}  // namespace tenon::write_window
