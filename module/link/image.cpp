#include "module/link/image.h"

#include <cstring>
#include <new>

#include "kernel/lib/checked.h"
#include "kernel/lib/panic.h"
#include "module/elf/pieces.h"

namespace tenon::modlink {
// Fills the blocks front to back: sections stand in index order in their region.
class ImageFiller {
public:
    ImageFiller(const elf::ObjectView& view, const Layout& layout, elf::Source& source, const Image& image, elf::Diagnostics& diagnostics)
        : view_(view), layout_(layout), source_(source), file_(source.contiguous()), image_(image), diagnostics_(diagnostics)
    {
    }

    Result<SectionPlaces> run()
    {
        SectionPlaces places;
        places.entries_.reset(new (std::nothrow) SectionPlaces::Entry[layout_.section_count()]);
        if (!places.entries_)
            return fail(Errno::nomem);
        places.count_ = layout_.section_count();
        if (places.count_ > elf::entries_between_pauses) [[unlikely]]
            TRY(diagnostics_.pause_point());
        SectionPlaces::Entry* const entries = places.entries_.get();
        TRY(layout_.for_each_loaded(view_, [&](u32 index, const elf::SectionHeader& section, const SectionPlan& plan) {
            return fill(section, plan, entries[index]);
        }));
        if (places.count_ > elf::entries_between_pauses) [[unlikely]]
            TRY(diagnostics_.pause_point());
        for (const Region region : all_regions)
            if (const std::optional<RegionBlock>& block = image_.block(region))
                TRY(zero(block->bytes.subspan(filled_.data()[index_of(region)])));
        for (const Region region : {Region::init_rodata, Region::rodata})
            if (layout_.region(region).slot_count != 0)
                places.got_ = image_.block(region)->place + layout_.region(region).slot_offset;
        return places;
    }

private:
    Result<> fill(const elf::SectionHeader& section, const SectionPlan& plan, SectionPlaces::Entry& entry)
    {
        entry.loaded = true;
        const std::optional<RegionBlock>& block = image_.block(*plan.region);
        if (!block) {
            entry.place = somewhere();
            return {};
        }
        entry.place = block->place + plan.offset;
        entry.bytes = block->bytes.data() + plan.offset;
        usize& filled = filled_.data()[index_of(*plan.region)];
        TRY(zero({block->bytes.data() + filled, entry.bytes}));
        filled = static_cast<usize>(plan.offset + section.size);
        const std::span<std::byte> bytes(entry.bytes, static_cast<usize>(section.size));
        if (section.is(elf::SectionType::nobits))
            return zero(bytes);
        if (file_.empty() || bytes.size() > elf::bytes_between_pauses)
            return read(section.offset, bytes);
        std::memcpy(bytes.data(), file_.data() + section.offset, bytes.size());
        return {};
    }

    // Of a file in memory, the view knows that the bytes are there.
    [[gnu::noinline]] Result<> read(u64 offset, std::span<std::byte> into)
    {
        return elf::in_pieces(into, elf::bytes_between_pauses, diagnostics_, [&](std::span<std::byte> piece) -> Result<> {
            const u64 from = offset + static_cast<u64>(piece.data() - into.data());
            if (file_.empty())
                return source_.read(from, piece);
            std::memcpy(piece.data(), file_.data() + from, piece.size());
            return {};
        });
    }

    Result<> zero(std::span<std::byte> bytes)
    {
        return bytes.empty() ? Result<>() : zero_all(bytes);
    }

    [[gnu::noinline]] Result<> zero_all(std::span<std::byte> bytes)
    {
        return elf::in_pieces(bytes, elf::bytes_between_pauses, diagnostics_, [](std::span<std::byte> piece) -> Result<> {
            std::memset(piece.data(), 0, piece.size());
            return {};
        });
    }

    // Where an empty section stands whose region has no memory: in the module, so that references to it are in range.
    [[gnu::cold]] u64 somewhere() const
    {
        for (const Region region : {Region::data, Region::ro_after_init, Region::rodata, Region::init_data, Region::init_rodata,
                                    Region::text, Region::init_text})
            if (const std::optional<RegionBlock>& block = image_.block(region))
                return block->place;
        return 0;
    }

    const elf::ObjectView& view_;
    const Layout& layout_;
    elf::Source& source_;
    std::span<const std::byte> file_;  // the whole file, or empty
    const Image& image_;
    elf::Diagnostics& diagnostics_;
    std::array<usize, region_count> filled_{};
};

Result<SectionPlaces> Image::place(const elf::ObjectView& view, const Layout& layout, elf::Source& source, RegionMemory& memory,
                                   elf::Diagnostics& diagnostics)
{
    memory_ = &memory;
    TRY(allocate(layout, diagnostics));
    return ImageFiller(view, layout, source, *this, diagnostics).run();
}

Result<> Image::allocate(const Layout& layout, elf::Diagnostics& diagnostics)
{
    if (const Result<> result = memory_->allocate(layout, blocks_); !result)
        return result.error() == Errno::nomem ? no_memory(layout, diagnostics) : fail(result.error());
    for (const Region region : all_regions) {
        const RegionPlan& plan = layout.region(region);
        const std::optional<RegionBlock>& block = blocks_.data()[index_of(region)];
        expect(block ? block->bytes.size() == plan.size && block->size == plan.size && is_aligned(block->place, plan.alignment) : plan.size == 0,
               "a region block is not what was asked for");
    }
    return {};
}

std::unexpected<Errno> Image::no_memory(const Layout& layout, elf::Diagnostics& diagnostics) const
{
    for (const Region region : all_regions)
        if (const u64 size = layout.region(region).size; size != 0 && !block(region))
            return diagnostics.fail(Errno::nomem, "no memory for region {} of {} bytes", region_name(region), size);
    return diagnostics.fail(Errno::nomem, "no memory to write the regions through");
}

void Image::release(Region region)
{
    std::optional<RegionBlock>& block = blocks_[index_of(region)];
    if (block)
        memory_->release(region, *block);
    block.reset();
}

void Image::release()
{
    for (const Region region : all_regions)
        release(region);
}

std::optional<Region> Image::region_of(u64 address) const
{
    for (const Region region : all_regions)
        if (block(region) && address - block(region)->place < block(region)->size)
            return region;
    return std::nullopt;
}

std::optional<std::span<std::byte>> Image::writable(u64 address, u64 size) const
{
    const std::optional<Region> region = region_of(address);
    if (!region)
        return std::nullopt;
    const RegionBlock& found = *block(*region);
    return checked_subspan(found.bytes, address - found.place, size);
}

Result<> Image::seal_constant()
{
    for (const Region region : all_regions)
        if (block(region) && !is_writable(region))
            TRY(memory_->seal(region, *blocks_[index_of(region)]));
    if (memory_ != nullptr)
        memory_->publish_code();
    return {};
}

Result<> Image::seal_ro_after_init()
{
    std::optional<RegionBlock>& block = blocks_[index_of(Region::ro_after_init)];
    if (block)
        TRY(memory_->seal(Region::ro_after_init, *block));
    return {};
}

void Image::release_init()
{
    for (const Region region : all_regions)
        if (is_init(region))
            release(region);
}

}  // namespace tenon::modlink
