#include "tools/lib/module_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fcntl.h>

#include "kernel/lib/checked.h"
#include "module/elf/format.h"

namespace tenon::tools {

namespace {

struct FormatSignature {
    Compression compression;
    std::string_view bytes;
};

using namespace std::string_view_literals;
constexpr std::array<FormatSignature, 3> signatures = {{
    {Compression::zstd, "\x28\xb5\x2f\xfd"sv},
    {Compression::xz, "\xfd"
                      "7zXZ\0"sv},
    {Compression::gzip, "\x1f\x8b"sv},
}};
constexpr std::size_t longest_signature = 6;

}  // namespace

Compression compression_of(std::span<const std::byte> file)
{
    const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
    for (const auto& signature : signatures)
        if (text.starts_with(signature.bytes))
            return signature.compression;
    return Compression::none;
}

std::string_view compression_name(Compression compression)
{
    switch (compression) {
    case Compression::none: return "none";
    case Compression::gzip: return "gzip";
    case Compression::xz: return "xz";
    case Compression::zstd: return "zstd";
    }
    return "none";
}

Result<> ModuleFile::open(const std::string& path)
{
    return take(TRY(open_file(path, O_RDONLY | O_NONBLOCK)));
}

Result<> ModuleFile::open_at(int folder, const std::string& path)
{
    return take(TRY(open_file_at(folder, path, O_RDONLY | O_NONBLOCK)));
}

Result<> ModuleFile::take(FileDescriptor descriptor)
{
    descriptor_ = std::move(descriptor);
    contents_ = {};
    compression_ = Compression::none;
    size_ = TRY(regular_file_size(descriptor_.get()));
    std::array<std::byte, longest_signature> start{};
    const auto bytes = std::span(start).first(static_cast<std::size_t>(std::min<u64>(size_, start.size())));
    TRY(read_at(descriptor_.get(), 0, bytes));
    compression_ = compression_of(bytes);
    return {};
}

Result<> ModuleFile::unpack()
{
    if (compression_ == Compression::none || !contents_.empty())
        return {};
    TRY(read_whole());
    contents_ = TRY(decompressor_.unpack(contents_));
    size_ = contents_.size();
    return {};
}

Result<elf::MetadataView> ModuleFile::view(elf::MetadataView::Storage& storage)
{
    TRY(unpack());
    auto result = elf::MetadataView::read(*this, storage);
    if (!result && result.error() == Errno::noexec)
        return fail(format_error());
    return result;
}

Errno ModuleFile::format_error()
{
    std::array<std::byte, 16> ident{};  // e_ident
    if (size_ < longest_signature)
        return Errno::inval;
    if (size_ < ident.size() || !read(0, ident) || std::memcmp(ident.data(), elf::magic, sizeof(elf::magic)) != 0)
        return Errno::noexec;
    return Errno::inval;
}

Result<> ModuleFile::read(u64 offset, std::span<std::byte> into)
{
    if (contents_.empty())
        return read_at(descriptor_.get(), offset, into);
    const auto bytes = checked_subspan(contents_, offset, into.size());
    if (!bytes)
        return fail(Errno::fault);
    std::copy(bytes->begin(), bytes->end(), into.begin());
    return {};
}

Result<std::span<const std::byte>> ModuleFile::image()
{
    TRY(unpack());
    if (contents_.empty())
        TRY(read_whole());
    return contents_;
}

Result<> ModuleFile::read_whole()
{
    constexpr u64 size_limit = u64{1} << 30;
    if (size_ > size_limit)
        return fail(Errno::fbig);
    const auto bytes = TRY(storage_.reserve(static_cast<std::size_t>(size_)));
    TRY(read_at(descriptor_.get(), 0, bytes));
    contents_ = bytes;
    return {};
}

}  // namespace tenon::tools
