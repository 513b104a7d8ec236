#pragma once

#include <expected>
#include <span>

#include "kernel/lib/errno.h"
#include "kernel/lib/types.h"

// Unpacking of zstd data (RFC 8878) by libzstd, which only kernel/compression/zstd.cpp calls: the library uses FP registers. It is called
// for one block at a time, 128 KiB of output at most, with a resched_point() between two. May block.

namespace tenon::zstd {

// The first four bytes of a frame, as a little-endian number.
constexpr u32 magic = 0xfd2fb528;

// Errno::inval with the reason in words; nomem and intr without.
struct Failure {
    Errno error;
    const char* reason = "";
};
template <typename T>
using Outcome = std::expected<T, Failure>;

using Bytes = std::span<const std::byte>;

// One frame at the start of some data.
struct Frame {
    usize packed_size = 0;
    u64 largest_size = 0;  // unpacked; exact when the frame says it, else a bound
};
Outcome<Frame> first_frame(Bytes data);
// Unpacks data that is whole frames; how many bytes it gave. Errno::inval also when `room` is too small.
Outcome<usize> unpack(Bytes data, std::span<std::byte> room);

}  // namespace tenon::zstd
