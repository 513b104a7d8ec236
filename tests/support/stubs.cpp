#include "tests/support/stubs.h"

#include <stdexcept>

#include "module/link/relocator.h"
#include "tests/support/object_builder.h"

namespace tenon::test {

using modlink::Region;

Result<> Stubs::Memory::allocate(const modlink::Layout& layout, modlink::RegionBlocks& blocks)
{
    const modlink::RegionPlan& plan = layout.region(Region::text);
    offset_ = static_cast<usize>(plan.stub_offset);
    const std::span<std::byte> bytes = std::span(bytes_).first(static_cast<usize>(plan.size));
    blocks[index_of(Region::text)] = modlink::RegionBlock{place_ - plan.stub_offset, bytes, plan.size};
    return {};
}

// An object with one reference that may need code: its layout reserves room for it.
Stubs::Stubs(const modlink::Relocator& relocator, u32 type, u64 place) : memory_(place)
{
    ObjectBuilder builder(relocator.machine());
    builder.relocation(builder.text(".text", 4), 4, type, builder.symbol({.name = "anything"}), relocator.cell_addend());
    const std::vector<std::byte> object = builder.build();
    elf::FirstReason reasons;
    elf::MemorySource source(object);
    const auto view = elf::ObjectView::parse(object, reasons);
    const modlink::LayoutOptions options{.reach = modlink::Reach::far, .erratum = modlink::Erratum843419::avoid};
    const auto layout = modlink::Layout::plan(view.value(), relocator, options, reasons);
    if (!layout || layout->region(Region::text).stub_count != 1)
        throw std::logic_error("the type needs no code");
    cells_.emplace(relocator, layout->options(), std::nullopt);
    if (!image_.place(*view, *layout, source, memory_, reasons) || !cells_->claim(*layout, image_, modlink::Lifetime::core))
        throw std::logic_error("the code cannot be placed");
}

}  // namespace tenon::test
