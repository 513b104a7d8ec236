#include "module/link/cell_pool.h"

#include <algorithm>
#include <bit>

#include "kernel/lib/bits.h"
#include "module/link/relocator.h"

namespace tenon::modlink {

Result<> CellArea::cover(u64 place, std::span<std::byte> bytes, u32 count, u64 hash_key)
{
    const usize buckets = std::bit_ceil(std::max<usize>(count, 2));
    entries_ = make_large_array<Entry>(count);
    buckets_ = make_large_array<u32>(buckets);
    if (!entries_ || !buckets_)
        return fail(Errno::nomem);
    std::fill_n(buckets_.get(), buckets, 0u);
    place_ = place;
    bytes_ = bytes;
    count_ = count;
    hash_key_ = hash_key;
    hash_shift_ = 64 - static_cast<unsigned>(std::countr_zero(buckets));
    return {};
}

std::optional<CellArea::Found> CellArea::find_or_add(u64 key)
{
    if (count_ == 0)
        return std::nullopt;
    u32& first = buckets_[(key * hash_key_) >> hash_shift_];
    for (u32 link = first; link != 0; link = entries_[link - 1].next)
        if (entries_[link - 1].key == key)
            return Found{link - 1, false};
    const std::optional<u32> index = add();
    if (!index)
        return std::nullopt;
    entries_[*index] = {key, first};
    first = *index + 1;
    return Found{*index, true};
}

std::optional<u32> CellArea::add()
{
    if (used_ == count_)
        return std::nullopt;
    return used_++;
}

Result<> CellPool::claim(const Layout& layout, const Image& image, Lifetime life)
{
    const auto cover = [&](CellArea& area, Region region, u64 offset, usize size, u32 count) {
        const RegionBlock& block = *image.block(region);
        return area.cover(block.place + offset, block.bytes.subspan(static_cast<usize>(offset), size), count, hash_key_);
    };
    const bool init = life == Lifetime::init;
    const Region text = init ? Region::init_text : Region::text;
    const Region rodata = init ? Region::init_rodata : Region::rodata;
    const RegionPlan& code = layout.region(text);
    const RegionPlan& table = layout.region(rodata);
    if (code.stub_count != 0)
        TRY(cover(stubs_, text, code.stub_offset, usize{code.stub_count} * relocator_->stub_size(), code.stub_count));
    if (table.slot_count != 0)
        TRY(cover(slots_, rodata, table.slot_offset, usize{table.slot_count} * sizeof(u64), table.slot_count));
    return {};
}

std::optional<u64> CellPool::stub_for(u64 target)
{
    const auto stub = stubs_.find_or_add(target);
    if (!stub)
        return std::nullopt;
    if (stub->fresh)
        relocator_->write_stub(stubs_.bytes_of(stub->index), stubs_.place_of(stub->index), target);
    return stubs_.place_of(stub->index);
}

std::optional<u64> CellPool::slot_for(u64 value)
{
    const auto slot = slots_.find_or_add(value);
    if (!slot)
        return std::nullopt;
    if (slot->fresh)
        store_le<u64>(slots_.bytes_of(slot->index), value);
    return slots_.place_of(slot->index);
}

std::optional<CellPool::Scratch> CellPool::scratch()
{
    const std::optional<u32> cell = stubs_.add();
    if (!cell)
        return std::nullopt;
    return Scratch{stubs_.place_of(*cell), stubs_.bytes_of(*cell)};
}

}  // namespace tenon::modlink
