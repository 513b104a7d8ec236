#include "kernel/module/compressed.h"

#include <memory>

// For ZSTD_decompressBound, which the static library offers.
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include "kernel/arch.h"

namespace tenon {
namespace {

struct FreeContext {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// A module file is never larger; keeps a forged frame header from claiming all memory.
constexpr unsigned long long largest_file = 256 << 20;

}  // namespace

Result<FileBuffer> decompress_zstd(std::span<const std::byte> data, elf::Diagnostics& diagnostics)
{
    const unsigned long long bound = ZSTD_decompressBound(data.data(), data.size());
    if (bound == ZSTD_CONTENTSIZE_ERROR || bound == 0)
        return diagnostics.fail(Errno::inval, "not a zstd-compressed module");
    if (bound > largest_file)
        return diagnostics.fail(Errno::inval, "the compressed module claims to unpack to {} bytes", bound);
    FileBuffer file;
    file.memory = TRY(PageBuffer::allocate(static_cast<usize>(bound)));

    const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
    if (!context)
        return fail(Errno::nomem);
    const std::span<std::byte> room = file.memory.bytes();
    const arch::KernelFpScope fp;
    const usize size = ZSTD_decompressDCtx(context.get(), room.data(), room.size(), data.data(), data.size());
    if (ZSTD_isError(size) != 0)
        return diagnostics.fail(Errno::inval, "decompression failed: {}", ZSTD_getErrorName(size));
    file.size = size;
    return file;
}

}  // namespace tenon
