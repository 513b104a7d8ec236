#pragma once

#include <memory>
#include <span>
#include <string>

#include "kernel/lib/result.h"
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

// A module file that is open and mapped.
class ModuleFile {
public:
    static Result<ModuleFile> open(const std::string& path);
    static Result<ModuleFile> open_at(int folder, const std::string& path);

    int descriptor() const { return descriptor_.get(); }
    // As it stands in the file, packed or not.
    std::span<const std::byte> bytes() const { return file_.bytes(); }
    Compression compression() const { return compression_of(bytes()); }

private:
    static Result<ModuleFile> from(FileDescriptor descriptor);

    FileDescriptor descriptor_;
    MappedFile file_;
};

}  // namespace tenon::tools
