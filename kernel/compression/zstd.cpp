#include "kernel/compression/zstd.h"

#include <memory>

// For the functions that work block by block, which the static library offers.
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include "kernel/lib/checked.h"
#include <tenon/cpu.h>
#include <tenon/sync.h>

namespace tenon::zstd {
namespace {

constexpr Failure cut_off{Errno::inval, "the data is cut off"};
constexpr Failure too_large{Errno::inval, "a size in it is impossible"};

// What calls the library stands in here: it may use FP registers, and must not block meanwhile.
template <typename Call>
auto with_library(Call&& call)
{
    const KernelFpScope fp;
    return call();
}

// The same for what returns a size or an error of the library.
template <typename Call>
Outcome<usize> try_library(Call&& call)
{
    return with_library([&]() -> Outcome<usize> {
        const usize result = call();
        if (ZSTD_isError(result) != 0)
            return std::unexpected(Failure{Errno::inval, ZSTD_getErrorName(result)});
        return result;
    });
}

Outcome<ZSTD_frameHeader> read_header(Bytes data)
{
    ZSTD_frameHeader header{};
    const auto missing = try_library([&] { return ZSTD_getFrameHeader(&header, data.data(), data.size()); });
    if (!missing)
        return std::unexpected(missing.error());
    if (*missing != 0)
        return std::unexpected(cut_off);
    return header;
}

// A block's header (RFC 8878, 3.1.1.2): whether it is the last one, its type, its size.
struct BlockHeader {
    static constexpr usize size = 3;
    static constexpr u32 run_length = 1;  // one byte stands for all

    explicit BlockHeader(Bytes data)
    {
        const u32 bits = static_cast<u32>(data[0]) | static_cast<u32>(data[1]) << 8 | static_cast<u32>(data[2]) << 16;
        is_last = (bits & 1) != 0;
        packed_size = (bits >> 1 & 3) == run_length ? 1 : bits >> 3;
    }

    bool is_last;
    u32 packed_size;
};

struct FreeContext {
    void operator()(ZSTD_DCtx* context) const
    {
        with_library([&] { return ZSTD_freeDCtx(context); });
    }
};

}  // namespace

// libzstd can do this, but in one go, however many empty blocks there are.
Outcome<Frame> first_frame(Bytes data)
{
    constexpr usize checksum_size = 4;
    constexpr usize skippable_header = 8;
    constexpr u64 blocks_per_point = 4096;
    const auto header = read_header(data);
    if (!header)
        return std::unexpected(header.error());
    if (header->frameType == ZSTD_skippableFrame) {
        if (header->frameContentSize > data.size() - skippable_header)
            return std::unexpected(cut_off);
        return Frame{skippable_header + static_cast<usize>(header->frameContentSize), 0};
    }
    Bytes rest = data.subspan(header->headerSize);
    for (u64 blocks = 1;; ++blocks) {
        if (blocks % blocks_per_point == 0 && !resched_point())
            return std::unexpected(Failure{Errno::intr});
        if (rest.size() < BlockHeader::size)
            return std::unexpected(cut_off);
        const BlockHeader block(rest);
        if (block.packed_size > rest.size() - BlockHeader::size)
            return std::unexpected(cut_off);
        rest = rest.subspan(BlockHeader::size + block.packed_size);
        if (!block.is_last)
            continue;
        const usize behind = header->checksumFlag != 0 ? checksum_size : 0;
        if (rest.size() < behind)
            return std::unexpected(cut_off);
        const bool is_known = header->frameContentSize != ZSTD_CONTENTSIZE_UNKNOWN;
        const auto bound = checked_mul(blocks, u64{header->blockSizeMax});
        if (!is_known && !bound)
            return std::unexpected(too_large);
        return Frame{data.size() - rest.size() + behind, is_known ? header->frameContentSize : *bound};
    }
}

Outcome<usize> unpack(Bytes data, std::span<std::byte> room)
{
    const std::unique_ptr<ZSTD_DCtx, FreeContext> context(with_library([] { return ZSTD_createDCtx(); }));
    if (!context)
        return std::unexpected(Failure{Errno::nomem});
    usize used = 0;
    while (!data.empty()) {
        with_library([&] { return ZSTD_decompressBegin(context.get()); });
        usize wanted = with_library([&] { return ZSTD_nextSrcSizeToDecompress(context.get()); });
        while (wanted != 0) {
            if (wanted > data.size())
                return std::unexpected(cut_off);
            const auto made = try_library([&] {
                const auto part = room.subspan(used);
                const usize result = ZSTD_decompressContinue(context.get(), part.data(), part.size(), data.data(), wanted);
                data = data.subspan(wanted);
                wanted = ZSTD_nextSrcSizeToDecompress(context.get());
                return result;
            });
            if (!made)
                return made;
            used += *made;
            if (!resched_point())
                return std::unexpected(Failure{Errno::intr});
        }
    }
    return used;
}

}  // namespace tenon::zstd
