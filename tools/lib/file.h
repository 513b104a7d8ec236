#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

// Files as the tools use them. Absolute paths are opened with libc's open() alone and everything below a folder with openat(),
// so that a wrapped libc (fake roots) sees every access.

namespace tenon::tools {

// The errno of the failed libc call just made.
std::unexpected<Errno> last_error();

// strerror() of it.
const char* error_text(Errno error);

// Owns an open file descriptor.
class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
    FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(other.release()) {}
    FileDescriptor& operator=(FileDescriptor other) noexcept
    {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~FileDescriptor();

    // The error of a write that the system had put off.
    Result<> close();

    int get() const { return descriptor_; }
    int release() { return std::exchange(descriptor_, -1); }
    explicit operator bool() const { return descriptor_ >= 0; }

private:
    int descriptor_ = -1;
};

// The path from the root on; an empty one stays empty.
std::string absolute_path(const std::string& path);

Result<FileDescriptor> open_file(const std::string& path, int flags);
Result<FileDescriptor> open_file_at(int folder, const std::string& name, int flags);

// The whole rest of an open file; works for /proc and /sys, whose files have no size.
Result<std::string> read_text(int descriptor);
Result<std::string> read_text_file(const std::string& path);
Result<std::string> read_text_file_at(int folder, const std::string& name);

Result<> write_all(int descriptor, std::string_view contents);

// Files are read, never mapped: who cuts a mapped file short ends the program that looks at it.

// Fills `into` from [offset, offset + into.size()). `Errno::io` for a file that ends before: it has become shorter.
Result<> read_at(int descriptor, u64 offset, std::span<std::byte> into);

// The size of a regular file. `Errno::isdir` for a folder, `inval` for anything else.
Result<u64> regular_file_size(int descriptor);

}  // namespace tenon::tools
