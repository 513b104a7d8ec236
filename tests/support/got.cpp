#include "tests/support/got.h"

#include <stdexcept>

#include "kernel/lib/bits.h"
#include "module/link/relocator.h"
#include "tests/support/object_builder.h"

namespace tenon::test {

using modlink::Region;

Result<modlink::RegionBlock> Got::Memory::allocate_one(Region region, u64 size, u64 alignment)
{
    used_ = static_cast<usize>(align_up(used_, alignment));
    const std::span<std::byte> bytes = std::span(bytes_).subspan(used_, static_cast<usize>(size));
    used_ += bytes.size();
    return modlink::RegionBlock{region == Region::rodata ? entry_ : 0, bytes, size};
}

// An object with one reference to an entry: its layout reserves room for one.
Got::Got(const modlink::Relocator& relocator, u32 type, u64 got, u64 entry) : memory_(entry)
{
    ObjectBuilder builder(relocator.machine());
    builder.relocation(builder.text(".text", 4), 4, type, builder.symbol({.name = "anything"}));
    const std::vector<std::byte> object = builder.build();
    elf::FirstReason reasons;
    elf::MemorySource source(object);
    const auto view = elf::ObjectView::parse(object, reasons);
    const auto layout = modlink::Layout::plan(view.value(), relocator, {}, reasons);
    if (!layout || layout->region(Region::rodata).slot_count != 1)
        throw std::logic_error("the type needs no GOT entry");
    cells_.emplace(relocator, layout->options(), got);
    if (!image_.place(*view, *layout, source, memory_, reasons) || !cells_->claim(*layout, image_, modlink::Lifetime::core))
        throw std::logic_error("the entry cannot be placed");
}

u64 Got::entry() const
{
    return load_le<u64>(image_.block(Region::rodata)->bytes);
}

}  // namespace tenon::test
