#include "kernel/module/compressed.h"

#include "kernel/compression/zstd.h"
#include "kernel/lib/checked.h"
#include <tenon/sync.h>

namespace tenon {
namespace {

// A module file is never larger; keeps a forged frame header from claiming all memory.
constexpr u64 largest_file = 256 << 20;

std::unexpected<Errno> refuse(zstd::Failure failure, std::string_view what, elf::Diagnostics& diagnostics)
{
    if (failure.error != Errno::inval)
        return fail(failure.error);
    return diagnostics.fail(Errno::inval, "{}: {}", what, failure.reason);
}

// What all frames together may give.
Result<u64> size_of_all(std::span<const std::byte> data, elf::Diagnostics& diagnostics)
{
    u64 size = 0;
    while (!data.empty()) {
        const auto frame = zstd::first_frame(data);
        if (!frame)
            return refuse(frame.error(), "not a zstd-compressed module", diagnostics);
        const auto sum = checked_add(size, frame->largest_size);
        if (!sum || *sum > largest_file)
            return diagnostics.fail(Errno::inval, "the compressed module claims to unpack to {} bytes",
                                    sum.value_or(frame->largest_size));
        size = *sum;
        data = data.subspan(frame->packed_size);
        TRY(resched_point());
    }
    return size;
}

}  // namespace

Result<FileBuffer> decompress_zstd(std::span<const std::byte> data, elf::Diagnostics& diagnostics)
{
    const u64 size = TRY(size_of_all(data, diagnostics));
    if (size == 0)
        return diagnostics.fail(Errno::inval, "not a zstd-compressed module");
    FileBuffer file;
    file.memory = TRY(PageBuffer::allocate(static_cast<usize>(size)));
    const auto unpacked = zstd::unpack(data, file.memory.bytes());
    if (!unpacked)
        return refuse(unpacked.error(), "decompression failed", diagnostics);
    file.size = *unpacked;
    return file;
}

}  // namespace tenon
