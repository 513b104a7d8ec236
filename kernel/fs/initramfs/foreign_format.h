#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "kernel/lib/types.h"

namespace tenon::initramfs {

// The name of the compressed format, one that this kernel does not read, that `image` begins with; empty for none of them.
inline std::string_view foreign_format(std::span<const std::byte> image)
{
    struct Format {
        std::string_view magic;
        std::string_view name;
    };
    static constexpr Format formats[] = {
        {"\x1f\x8b", "gzip"},
        {{"\xfd" "7zXZ\0", 6}, "xz"},
        {"BZh", "bzip2"},
        {{"\x5d\0\0", 3}, "lzma"},
        {"\x89LZO", "lzo"},
        {"\x02\x21\x4c\x18", "lz4"},
    };
    const std::string_view text(reinterpret_cast<const char*>(image.data()), image.size());
    const auto* const found = std::ranges::find_if(formats, [&](const auto& format) { return text.starts_with(format.magic); });
    return found == std::end(formats) ? std::string_view() : found->name;
}

}  // namespace tenon::initramfs
