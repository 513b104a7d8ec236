#pragma once

#include <span>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

namespace tenon::elf {

// Where the bytes of a module file come from. The loader reads every byte at most once, so a source may be memory that
// somebody else changes meanwhile (user space): what was validated is what is used. Not thread safe.
class Source {
public:
    virtual u64 size() const = 0;

    // The whole file, when it stands in memory that nobody changes while the link lasts; else empty.
    virtual std::span<const std::byte> contiguous() const { return {}; }

    // Copies [offset, offset + into.size()), which the caller knows to lie inside the file. Fails with Errno::fault (or
    // what the medium says); `into` is then undefined.
    virtual Result<> read(u64 offset, std::span<std::byte> into) = 0;

    // No read follows: what was taken to read may be given back.
    virtual void finish() {}

protected:
    ~Source() = default;
};

// A file that is already in memory. The bytes must start at an address aligned to 8 and outlive the source.
class MemorySource final : public Source {
public:
    explicit MemorySource(std::span<const std::byte> bytes) : bytes_(bytes) {}

    u64 size() const override { return bytes_.size(); }
    std::span<const std::byte> contiguous() const override { return bytes_; }
    Result<> read(u64 offset, std::span<std::byte> into) override;

private:
    std::span<const std::byte> bytes_;
};

}  // namespace tenon::elf
