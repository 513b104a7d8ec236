#include "tools/lib/module_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fcntl.h>

namespace tenon::tools {

namespace {

struct Signature {
    Compression compression;
    std::string_view bytes;
};

using namespace std::string_view_literals;
constexpr std::array<Signature, 3> signatures = {{
    {Compression::zstd, "\x28\xb5\x2f\xfd"sv},
    {Compression::xz, "\xfd"
                      "7zXZ\0"sv},
    {Compression::gzip, "\x1f\x8b"sv},
}};

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

Result<ModuleFile> ModuleFile::open(const std::string& path)
{
    return from(TRY(open_file(path, O_RDONLY | O_NONBLOCK)));
}

Result<ModuleFile> ModuleFile::open_at(int folder, const std::string& path)
{
    return from(TRY(open_file_at(folder, path, O_RDONLY | O_NONBLOCK)));
}

Result<ModuleFile> ModuleFile::from(FileDescriptor descriptor)
{
    ModuleFile file;
    file.file_ = TRY(MappedFile::map(descriptor.get()));
    file.descriptor_ = std::move(descriptor);
    return file;
}

}  // namespace tenon::tools
