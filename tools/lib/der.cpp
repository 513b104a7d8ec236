#include "tools/lib/der.h"

namespace tenon::tools {

std::optional<std::span<const u8>> DerReader::take(u8 wanted)
{
    if (rest_.size() < 2 || rest_[0] != wanted)
        return std::nullopt;
    std::size_t header = 2;
    std::size_t length = rest_[1];
    if (length >= 0x80) {  // long form: the low bits count the bytes of the length
        const std::size_t count = length & 0x7f;
        if (count == 0 || count > 4 || rest_.size() < header + count)
            return std::nullopt;
        length = 0;
        for (std::size_t index = 0; index < count; ++index)
            length = length << 8 | rest_[header + index];
        header += count;
    }
    if (length > rest_.size() - header)
        return std::nullopt;
    const auto contents = rest_.subspan(header, length);
    rest_ = rest_.subspan(header + length);
    return contents;
}

}  // namespace tenon::tools
