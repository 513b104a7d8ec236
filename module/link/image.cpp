#include "module/link/image.h"

#include <cstring>
#include <new>
#include <utility>

#include "kernel/lib/checked.h"
#include "kernel/lib/panic.h"

namespace tenon::modlink {
namespace {

void zero(std::span<std::byte> bytes)
{
    if (!bytes.empty())
        std::memset(bytes.data(), 0, bytes.size());
}

// Fills the blocks front to back: sections stand in index order in their region.
class Filler {
public:
    Filler(const elf::ObjectView& view, const Layout& layout, elf::Source& source, const Image& image)
        : view_(view), layout_(layout), source_(source), image_(image)
    {
    }

    Result<> run()
    {
        for (u32 index = 1; index < layout_.section_count(); ++index)
            if (layout_.section(index).region)
                TRY(fill(index));
        for (const Region region : all_regions)
            if (image_.block(region))
                zero(image_.block(region)->bytes.subspan(filled_[index_of(region)]));
        return {};
    }

private:
    Result<> fill(u32 index)
    {
        const elf::SectionHeader& section = view_.section(index);
        const SectionPlan& plan = layout_.section(index);
        if (section.size == 0)
            return {};
        usize& filled = filled_[index_of(*plan.region)];
        const std::span<std::byte> rest = image_.block(*plan.region)->bytes.subspan(filled);
        const usize gap = static_cast<usize>(plan.offset) - filled;
        const usize size = static_cast<usize>(section.size);
        filled += gap + size;
        zero(rest.first(gap));
        if (!section.is(elf::SectionType::nobits))
            return source_.read(section.offset, rest.subspan(gap, size));
        zero(rest.subspan(gap, size));
        return {};
    }

    const elf::ObjectView& view_;
    const Layout& layout_;
    elf::Source& source_;
    const Image& image_;
    std::array<usize, region_count> filled_{};
};

}  // namespace

Result<Image> Image::place(const elf::ObjectView& view, const Layout& layout, elf::Source& source, RegionMemory& memory,
                           elf::Diagnostics& diagnostics)
{
    Image image;
    image.memory_ = &memory;
    for (const Region region : all_regions) {
        const RegionPlan& plan = layout.region(region);
        if (plan.size == 0)
            continue;
        const auto block = memory.allocate(region, plan.size, plan.alignment);
        if (!block)
            return diagnostics.fail(block.error(), "no memory for region {} of {} bytes", region_name(region), plan.size);
        expect(block->bytes.size() == plan.size && is_aligned(block->place, plan.alignment),
               "a region block is not what was asked for");
        image.blocks_[index_of(region)] = *block;
        image.sizes_[index_of(region)] = plan.size;
    }
    TRY(Filler(view, layout, source, image).run());
    return image;
}

Image::Image(Image&& other) noexcept
    : memory_(other.memory_), blocks_(std::exchange(other.blocks_, {})), sizes_(std::exchange(other.sizes_, {}))
{
}

Image& Image::operator=(Image&& other) noexcept
{
    std::swap(memory_, other.memory_);
    std::swap(blocks_, other.blocks_);
    std::swap(sizes_, other.sizes_);
    return *this;
}

Image::~Image()
{
    for (const Region region : all_regions)
        release(region);
}

void Image::release(Region region)
{
    std::optional<RegionBlock>& block = blocks_[index_of(region)];
    if (block)
        memory_->release(region, *block);
    block.reset();
    sizes_[index_of(region)] = 0;
}

std::optional<Region> Image::region_of(u64 address) const
{
    for (const Region region : all_regions)
        if (block(region) && address - block(region)->place < size(region))
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

Result<SectionPlaces> SectionPlaces::of(const elf::ObjectView& view, const Layout& layout, const Image& image)
{
    SectionPlaces places;
    places.count_ = static_cast<u32>(view.sections().size());
    places.entries_.reset(new (std::nothrow) Entry[places.count_]);
    if (!places.entries_)
        return fail(Errno::nomem);
    for (const Region region : {Region::init_rodata, Region::rodata})
        if (layout.region(region).slot_count != 0 && image.block(region))
            places.got_ = image.block(region)->place + layout.region(region).slot_offset;
    for (u32 index = 1; index < places.count_; ++index) {
        const SectionPlan& plan = layout.section(index);
        if (!plan.region)
            continue;
        const std::optional<RegionBlock>& block = image.block(*plan.region);
        Entry& entry = places.entries_[index];
        entry.loaded = true;
        if (block)
            entry = {block->place + plan.offset, block->bytes.data() + plan.offset, true};
    }
    return places;
}

}  // namespace tenon::modlink
