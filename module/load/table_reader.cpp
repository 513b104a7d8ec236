#include "module/load/table_reader.h"

namespace tenon::modload {
namespace {

using modlink::Region;
using modlink::RegionSet;

// Pointers may share a text, but each takes eight bytes itself: what a compiler makes stays far below.
constexpr u64 walks_per_byte = 16;

}  // namespace

TableReader::TableReader(const modlink::Image& image, elf::Diagnostics& diagnostics) : image_(image), diagnostics_(diagnostics)
{
    for (const Region region : modlink::all_regions)
        if (const auto& block = image.block(region))
            extents_[index_of(region)] = {block->place, block->size};
    budget_ = (extent(Region::rodata).size + extent(Region::ro_after_init).size + extent(Region::data).size) * walks_per_byte;
    budget_at_pause_ = budget_;
}

// What does not lie inside a region where it may.
std::unexpected<Errno> TableReader::refuse(u64 address, u64 size, std::string_view what)
{
    const auto region = image_.region_of(address);
    if (!region || size > extent(*region).place + extent(*region).size - address)
        return diagnostics_.fail(Errno::noexec, "{} at {:#x}: {} bytes do not lie inside the module", what, address, size);
    return diagnostics_.fail(Errno::noexec, "{} at {:#x} may not lie in region {}", what, address, modlink::region_name(*region));
}

std::unexpected<Errno> TableReader::refuse_alignment(u64 address, u64 alignment, std::string_view what)
{
    return diagnostics_.fail(Errno::noexec, "{} at {:#x}: no multiple of {}", what, address, alignment);
}

std::unexpected<Errno> TableReader::refuse_text(const char* start, RegionSet home, std::string_view what)
{
    const u64 address = reinterpret_cast<u64>(start);
    const usize room = room_for_text(start, home);
    if (room == 0)
        return refuse(address, 1, what);
    if (room == elf::longest_name)
        return diagnostics_.fail(Errno::noexec, "{} at {:#x} is longer than {} bytes", what, address, elf::longest_name - 1);
    return diagnostics_.fail(Errno::noexec, "{} at {:#x} does not end in its region", what, address);
}

Result<> TableReader::check_core_data(u64 address, std::string_view what)
{
    for (const Region region : {Region::data, Region::rodata, Region::ro_after_init})
        if (extent(region).size != 0 && address - extent(region).place <= extent(region).size)
            return {};
    return diagnostics_.fail(Errno::noexec, "{} at {:#x} is not in the module's core", what, address);
}

Result<std::string_view> TableReader::text(const char* start, RegionSet home, std::string_view what)
{
    const usize room = room_for_text(start, home);
    usize size = 0;
    while (size != room && start[size] != '\0')
        ++size;
    if (size == room) [[unlikely]]
        return refuse_text(start, home, what);
    TRY(pay(size + 1, what));
    return std::string_view(start, size);
}

}  // namespace tenon::modload
