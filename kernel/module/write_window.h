#pragma once

#include <span>

#include "kernel/lib/address.h"
#include "kernel/lib/result.h"

// A second, writable mapping of memory that is read-only where it stands: the only way to write module text, and there only while
// the loader writes. Modules share pages, so a window shows other modules' text, too: it stands where nobody can guess.

namespace tenon::write_window {

// Once, before the first window: chooses the place at random.
void initialise();
// Where windows stand from; for tests.
KernelAddr start();

// Maps the pages of [place, +size) once more; the span shows the same bytes. Errno::nomem.
Result<std::span<std::byte>> open(KernelAddr place, u64 size);

// Shows the pages of [place, +size) in the window that `bytes` lie in, too, behind what it shows already; they are a part of it that has to
// be closed, as after a cut. Errno::nospc without room there, Errno::nomem.
Result<std::span<std::byte>> extend(std::span<std::byte> bytes, KernelAddr place, u64 size);

// Cuts a window in two, each of which has to be closed: its pages are there until both are. False for one that cannot be cut. The caller
// serialises what is done to one window.
bool cut(std::span<std::byte> bytes);

// `bytes` lie in the window, which is then all of them or its part.
void close(std::span<std::byte> bytes);

// Whether a window of ordinary size is open there. A closing one counts as open until its pages are unmapped.
bool is_open(KernelAddr address);

}  // namespace tenon::write_window
