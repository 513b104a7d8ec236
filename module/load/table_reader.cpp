#include "module/load/table_reader.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/checked.h"

namespace tenon::modload {
namespace {

using modlink::Region;
using modlink::RegionSet;

// Pointers may share a text, but each takes eight bytes itself: what a compiler makes stays far below.
constexpr u64 walks_per_byte = 16;

}  // namespace

TableReader::TableReader(const modlink::Image& image, elf::Diagnostics& diagnostics) : image_(image), diagnostics_(diagnostics), budget_(0)
{
    for (const Region region : {Region::rodata, Region::ro_after_init, Region::data})
        budget_ += image.size(region) * walks_per_byte;
}

Result<> TableReader::check_inside(u64 address, u64 count, u64 size, u64 alignment, RegionSet home, std::string_view what)
{
    const auto bytes = checked_mul(count, size);
    const auto region = image_.region_of(address);
    if (!bytes || !region || !range_fits(address - image_.block(*region)->place, *bytes, image_.size(*region)))
        return diagnostics_.fail(Errno::noexec, "{} at {:#x}: {} of {} bytes do not lie inside the module", what, address, count, size);
    if (!home.contains(*region))
        return diagnostics_.fail(Errno::noexec, "{} at {:#x} may not lie in region {}", what, address, modlink::region_name(*region));
    if (!is_aligned(address, alignment))
        return diagnostics_.fail(Errno::noexec, "{} at {:#x}: no multiple of {}", what, address, alignment);
    return {};
}

Result<> TableReader::check_core_place(u64 address, std::string_view what)
{
    for (const Region region : {Region::text, Region::data, Region::rodata, Region::ro_after_init})
        if (const auto& block = image_.block(region); block && address - block->place <= block->size)
            return {};
    return diagnostics_.fail(Errno::noexec, "{} at {:#x} is not in the module's core", what, address);
}

// Every text of the region that begins before this ends in the region.
u64 TableReader::text_end(Region region)
{
    u64& end = text_ends_[index_of(region)];
    if (end == 0) {
        const u64 start = image_.block(region)->place;
        const char* const bytes = reinterpret_cast<const char*>(start);
        u64 size = image_.size(region);
        while (size != 0 && bytes[size - 1] != '\0')
            --size;
        end = start + size;
    }
    return end;
}

Result<> TableReader::check_text(const char* start, RegionSet home, std::string_view what)
{
    const u64 address = reinterpret_cast<u64>(start);
    const auto region = image_.region_of(address);
    if (!region || !home.contains(*region)) [[unlikely]]
        return check_inside(address, 1, 1, 1, home, what);
    if (address >= text_end(*region)) [[unlikely]]
        return diagnostics_.fail(Errno::noexec, "{} at {:#x} does not end in its region", what, address);
    return {};
}

Result<> TableReader::pay(u64 bytes, std::string_view what)
{
    if (bytes >= budget_)
        return diagnostics_.fail(Errno::noexec, "{}: too many texts share their bytes", what);
    budget_ -= bytes;
    return {};
}

Result<std::string_view> TableReader::text(const char* start, RegionSet home, std::string_view what)
{
    TRY(check_text(start, home, what));
    const std::string_view found(start);
    TRY(pay(found.size() + 1, what));
    return found;
}

}  // namespace tenon::modload
