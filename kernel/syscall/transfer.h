#pragma once

#include <optional>

#include "kernel/fs/open_file.h"
#include "kernel/lib/address.h"
#include "kernel/lib/result.h"

// Moving data between open files and user memory, through a buffer of the kernel.

namespace tenon::syscall {

// At `offset`, or at the file's position. What was moved before an error counts; the error then comes with the next call.
Result<u64> read_to_user(OpenFile& file, UserAddr destination, u64 size, std::optional<u64> offset);
Result<u64> write_from_user(OpenFile& file, UserAddr source, u64 size, std::optional<u64> offset);

// struct iovec.
struct IoVector {
    u64 start;
    u64 size;
};
Result<u64> read_vector(OpenFile& file, UserPtr<IoVector> vector, u64 count, std::optional<u64> offset);
Result<u64> write_vector(OpenFile& file, UserPtr<IoVector> vector, u64 count, std::optional<u64> offset);

// From one file to another, at their positions or at `offset` of the first.
Result<u64> copy_between(OpenFile& from, OpenFile& to, u64 size, std::optional<u64> from_offset, std::optional<u64> to_offset);

}  // namespace tenon::syscall
