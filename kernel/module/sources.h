#pragma once

#include "kernel/fs/open_file.h"
#include "kernel/lib/address.h"
#include "kernel/lib/no_copy.h"
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

// An open regular file: from the pages that the file system keeps of it. Nobody writes to it or cuts it off until finish().
class FileSource final : public elf::Source, NoCopy {
public:
    explicit FileSource(OpenFile& file) : file_(file) {}
    ~FileSource() { finish(); }
    // Before all else. Errno::txtbsy when it is open for writing.
    Result<> start();

    u64 size() const override { return size_; }
    // Errno::noexec when the file has become shorter: of its own accord, as those in /proc may.
    Result<> read(u64 offset, std::span<std::byte> into) override;
    void finish() override;

private:
    OpenFile& file_;
    u64 size_ = 0;
    bool keeps_writers_out_ = false;
};

}  // namespace tenon
