#pragma once

#include <memory>
#include <span>
#include <string>

#include "kernel/lib/result.h"
#include "module/elf/metadata_view.h"
#include "module/elf/source.h"
#include "tools/lib/file.h"

namespace tenon::tools {

enum class Compression { none, gzip, xz, zstd };

// By the first bytes of the file, whatever its name says.
Compression compression_of(std::span<const std::byte> file);

// "none", "gzip", "xz", "zstd": the words of /sys/module/compression.
std::string_view compression_name(Compression compression);

// Unpacks module files one after the other into one buffer that grows to the largest of them. Not thread safe; one per
// thread.
class Decompressor {
public:
    Decompressor();
    ~Decompressor();
    Decompressor(const Decompressor&) = delete;
    Decompressor& operator=(const Decompressor&) = delete;

    // The unpacked bytes, valid until the next call; `file` itself when it is not compressed. `Errno::inval` for damaged or
    // truncated data, `fbig` for more than a GiB; the library's words go to the log as an error.
    Result<std::span<const std::byte>> unpack(std::span<const std::byte> file);

    // Gives the buffer back to the system when it is unusually large.
    void trim();

private:
    class Buffer;
    struct State;

    Result<> unpack_zstd(std::span<const std::byte> file);
    Result<> unpack_xz(std::span<const std::byte> file);
    Result<> unpack_gzip(std::span<const std::byte> file);

    std::unique_ptr<State> state_;
};

// A module file that is open; of one that is not packed, parts are read as they are asked for. May open many files, one after the other:
// its memory grows to the largest need. Not thread safe.
class ModuleFile final : public elf::Source {
public:
    // What came of the file before is no longer valid. `Errno::isdir` for a folder, `inval` for anything else that is no regular file.
    Result<> open(const std::string& path);
    Result<> open_at(int folder, const std::string& path);

    int descriptor() const { return descriptor_.get(); }
    Compression compression() const { return compression_; }

    // Makes the contents those of the unpacked file; see Decompressor::unpack().
    Result<> unpack();

    // What the unpacked file says about itself, read as MetadataView::read() does. A file that is none has kmod's errno: `noexec` for what
    // is no ELF file at all, `inval` for a damaged one.
    Result<elf::MetadataView> view(elf::MetadataView::Storage& storage);

    u64 size() const override { return size_; }
    std::span<const std::byte> contiguous() const override { return contents_; }
    Result<> read(u64 offset, std::span<std::byte> into) override;

    // All of the unpacked file, aligned to 8. `Errno::fbig` for more than a GiB.
    Result<std::span<const std::byte>> image();

private:
    Result<> take(FileDescriptor descriptor);
    Result<> read_whole();
    Errno format_error();

    FileDescriptor descriptor_;
    Compression compression_ = Compression::none;
    u64 size_ = 0;
    std::span<const std::byte> contents_;  // once it is in memory
    elf::MetadataStorage storage_;
    Decompressor decompressor_;
};

}  // namespace tenon::tools
