#include "tools/lib/modlink/buffer_memory.h"

#include <algorithm>
#include <new>

#include "kernel/lib/checked.h"

namespace modlink {

using namespace tenon;
using tenon::modlink::RegionBlock;

Result<RegionBlock> BufferMemory::allocate_one(tenon::modlink::Region region, u64 size, u64 alignment)
{
    constexpr u64 page = 4096;
    const auto align = static_cast<std::align_val_t>(std::max<u64>(alignment, alignof(std::max_align_t)));
    std::unique_ptr<std::byte[], Free> bytes(
        static_cast<std::byte*>(::operator new[](static_cast<usize>(size), align, std::nothrow)), Free{align});
    if (!bytes)
        return fail(Errno::nomem);
    u64 place = 0;
    if (options_.place) {
        place = options_.place(static_cast<RegionKind>(region), size, alignment);
        if (place % alignment != 0 || !checked_add(place, size))
            return reasons_.fail(Errno::inval, "region {} cannot stand at {:#x}: it needs {} bytes aligned to {}",
                                 name_of(static_cast<RegionKind>(region)), place, size, alignment);
    } else {
        const auto start = checked_align_up(next_, std::max(alignment, page));
        const auto end = start ? checked_add(*start, size) : std::nullopt;
        if (!end)
            return fail(Errno::nomem);
        place = *start;
        next_ = *end;
    }
    const RegionBlock block{place, {bytes.get(), static_cast<usize>(size)}, size};
    blocks_.push_back(std::move(bytes));
    ++live_;
    return block;
}

Result<> BufferMemory::seal(tenon::modlink::Region, RegionBlock&)
{
    return {};
}

void BufferMemory::release(tenon::modlink::Region, const RegionBlock& block)
{
    std::erase_if(blocks_, [&](const auto& bytes) { return bytes.get() == block.bytes.data(); });
    --live_;
}

}  // namespace modlink
