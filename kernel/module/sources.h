#pragma once

#include "kernel/fs/open_file.h"
#include "kernel/lib/address.h"
#include "module/elf/source.h"

// Where the loader reads module files from: each byte once, straight to where it is needed.

namespace tenon {

// The image that a program hands to init_module.
class UserSource final : public elf::Source {
public:
    UserSource(UserAddr start, u64 size) : start_(start), size_(size) {}

    u64 size() const override { return size_; }
    Result<> read(u64 offset, std::span<std::byte> into) override;

private:
    UserAddr start_;
    u64 size_;
};

// An open regular file: from the pages that the file system keeps of it.
class FileSource final : public elf::Source {
public:
    FileSource(OpenFile& file, u64 size) : file_(file), size_(size) {}

    u64 size() const override { return size_; }
    // Errno::noexec when the file has become shorter.
    Result<> read(u64 offset, std::span<std::byte> into) override;

private:
    OpenFile& file_;
    u64 size_;
};

}  // namespace tenon
