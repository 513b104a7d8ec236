#include <algorithm>
#include <cstdlib>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "kernel/lib/types.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_file.h"

namespace tenon::tools {

namespace {

constexpr std::size_t size_limit = std::size_t{1} << 30;
constexpr std::size_t usual_size = std::size_t{16} << 20;
constexpr std::size_t first_step = std::size_t{1} << 16;

std::unexpected<Errno> corrupt(const char* library, const char* reason)
{
    message(Severity::error, "%s: %s", library, reason);
    return fail(Errno::inval);
}

}  // namespace

// Bytes that are not initialised before they are written; growing keeps what is there.
class Decompressor::Buffer {
public:
    Buffer() = default;
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer() { std::free(data_); }

    Result<> reserve(std::size_t capacity)
    {
        if (capacity > size_limit)
            return fail(Errno::fbig);
        if (capacity <= capacity_)
            return {};
        void* grown = std::realloc(data_, capacity);
        if (grown == nullptr)
            return fail(Errno::nomem);
        data_ = static_cast<std::byte*>(grown);
        capacity_ = capacity;
        return {};
    }
    // Room for at least one more byte.
    Result<> grow() { return size < capacity_ ? Result<>() : reserve(std::max(capacity_ * 2, first_step)); }
    void release()
    {
        std::free(std::exchange(data_, nullptr));
        size = capacity_ = 0;
    }

    std::byte* data() { return data_; }
    std::byte* end() { return data_ + size; }
    std::size_t capacity() const { return capacity_; }
    std::size_t room() const { return capacity_ - size; }

    std::size_t size = 0;

private:
    std::byte* data_ = nullptr;
    std::size_t capacity_ = 0;
};

struct Decompressor::State {
    ~State() { ZSTD_freeDCtx(zstd); }

    Buffer buffer;
    ZSTD_DCtx* zstd = nullptr;
};

Decompressor::Decompressor() : state_(std::make_unique<State>()) {}
Decompressor::~Decompressor() = default;

void Decompressor::trim()
{
    if (state_->buffer.capacity() > usual_size)
        state_->buffer.release();
}

Result<std::span<const std::byte>> Decompressor::unpack(std::span<const std::byte> file)
{
    state_->buffer.size = 0;
    switch (compression_of(file)) {
    case Compression::none: return file;
    case Compression::gzip: TRY(unpack_gzip(file)); break;
    case Compression::xz: TRY(unpack_xz(file)); break;
    case Compression::zstd: TRY(unpack_zstd(file)); break;
    }
    return std::span<const std::byte>(state_->buffer.data(), state_->buffer.size);
}

// A frame that names its size is unpacked in one step; others, and files of several frames, as a stream.
Result<> Decompressor::unpack_zstd(std::span<const std::byte> file)
{
    Buffer& buffer = state_->buffer;
    if (state_->zstd == nullptr && (state_->zstd = ZSTD_createDCtx()) == nullptr)
        return fail(Errno::nomem);
    const unsigned long long announced = ZSTD_getFrameContentSize(file.data(), file.size());
    const std::size_t frame = ZSTD_findFrameCompressedSize(file.data(), file.size());
    if (announced <= size_limit && frame == file.size()) {
        TRY(buffer.reserve(static_cast<std::size_t>(announced)));
        const std::size_t size =
            ZSTD_decompressDCtx(state_->zstd, buffer.data(), buffer.capacity(), file.data(), file.size());
        if (ZSTD_isError(size))
            return corrupt("zstd", ZSTD_getErrorName(size));
        buffer.size = size;
        return {};
    }
    ZSTD_DCtx_reset(state_->zstd, ZSTD_reset_session_only);
    ZSTD_inBuffer input{file.data(), file.size(), 0};
    std::size_t left = 1;
    while (left != 0 || input.pos < input.size) {
        TRY(buffer.grow());
        ZSTD_outBuffer output{buffer.end(), buffer.room(), 0};
        const std::size_t before = input.pos;
        left = ZSTD_decompressStream(state_->zstd, &output, &input);
        if (ZSTD_isError(left))
            return corrupt("zstd", ZSTD_getErrorName(left));
        if (output.pos == 0 && input.pos == before && input.pos == input.size)
            return corrupt("zstd", "unexpected end of input");
        buffer.size += output.pos;
    }
    return {};
}

Result<> Decompressor::unpack_xz(std::span<const std::byte> file)
{
    Buffer& buffer = state_->buffer;
    lzma_stream stream = LZMA_STREAM_INIT;
    if (lzma_stream_decoder(&stream, UINT64_MAX, LZMA_CONCATENATED) != LZMA_OK)
        return fail(Errno::nomem);
    struct End {
        lzma_stream& stream;
        ~End() { lzma_end(&stream); }
    } end{stream};
    stream.next_in = reinterpret_cast<const u8*>(file.data());
    stream.avail_in = file.size();
    for (;;) {
        TRY(buffer.grow());
        const std::size_t room = buffer.room();
        stream.next_out = reinterpret_cast<u8*>(buffer.end());
        stream.avail_out = room;
        const lzma_ret status = lzma_code(&stream, LZMA_FINISH);
        buffer.size += room - stream.avail_out;
        switch (status) {
        case LZMA_OK: break;
        case LZMA_STREAM_END: return {};
        case LZMA_MEM_ERROR: return fail(Errno::nomem);
        case LZMA_FORMAT_ERROR: return corrupt("xz", "File format not recognized");
        case LZMA_OPTIONS_ERROR: return corrupt("xz", "Unsupported compression options");
        case LZMA_DATA_ERROR: return corrupt("xz", "File is corrupt");
        case LZMA_BUF_ERROR: return corrupt("xz", "Unexpected end of input");
        default: return corrupt("xz", "Internal error (bug)");
        }
    }
}

Result<> Decompressor::unpack_gzip(std::span<const std::byte> file)
{
    constexpr int gzip_only = 16 + MAX_WBITS;
    if (file.size() > UINT32_MAX)
        return fail(Errno::fbig);
    Buffer& buffer = state_->buffer;
    z_stream stream{};
    if (inflateInit2(&stream, gzip_only) != Z_OK)
        return fail(Errno::nomem);
    struct End {
        z_stream& stream;
        ~End() { inflateEnd(&stream); }
    } end{stream};
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(file.data()));
    stream.avail_in = static_cast<uInt>(file.size());
    for (;;) {
        TRY(buffer.grow());
        const std::size_t room = std::min(buffer.room(), std::size_t{UINT32_MAX});
        stream.next_out = reinterpret_cast<Bytef*>(buffer.end());
        stream.avail_out = static_cast<uInt>(room);
        const int status = inflate(&stream, Z_NO_FLUSH);
        buffer.size += room - stream.avail_out;
        if (status == Z_STREAM_END && stream.avail_in == 0)
            return {};
        if (status == Z_STREAM_END)  // a further member
            inflateReset(&stream);
        else if (status == Z_BUF_ERROR)
            return corrupt("gzip", "unexpected end of input");
        else if (status != Z_OK)
            return corrupt("gzip", stream.msg != nullptr ? stream.msg : "data error");
    }
}

}  // namespace tenon::tools
