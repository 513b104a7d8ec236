#include "module/elf/source.h"

#include <cstring>

namespace tenon::elf {

Result<> MemorySource::read(u64 offset, std::span<std::byte> into)
{
    if (!into.empty())
        std::memcpy(into.data(), bytes_.subspan(static_cast<usize>(offset), into.size()).data(), into.size());
    return {};
}

}  // namespace tenon::elf
