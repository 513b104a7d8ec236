#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "kernel/lib/result.h"
#include "module/elf/diagnostics.h"
#include "module/elf/name_hash.h"
#include "module/elf/pieces.h"
#include "module/link/image.h"

namespace tenon::modload {

// Where what a module's header names may lie. What the kernel looks at as long as the module is there must neither go with init nor be
// changed by anybody, the loader's own writes included, once it has been checked.
inline constexpr modlink::RegionSet constant_home{modlink::Region::rodata};
inline constexpr modlink::RegionSet variable_home{modlink::Region::data};
inline constexpr modlink::RegionSet core_home{modlink::Region::rodata, modlink::Region::ro_after_init, modlink::Region::data};
inline constexpr modlink::RegionSet core_code{modlink::Region::text};
inline constexpr modlink::RegionSet any_code{modlink::Region::text, modlink::Region::init_text};
inline constexpr modlink::RegionSet init_tables{modlink::Region::init_rodata, modlink::Region::init_data};

// Takes the pointers of a module's tables, after relocation: the file may have been made by anything, so none is followed before it
// is known to lead into memory of the module that may hold what it points to. Errno::noexec. The image is not sealed yet.
class TableReader {
public:
    TableReader(const modlink::Image& image, elf::Diagnostics& diagnostics);

    // `count` objects of type T at `first`, aligned, inside one region of `home`.
    template <typename T>
    Result<std::span<T>> table(T* first, u32 count, modlink::RegionSet home, std::string_view what)
    {
        if (count == 0)
            return std::span<T>();
        TRY(check_inside(reinterpret_cast<u64>(first), u64{count} * sizeof(T), alignof(T), home, what));
        return std::span<T>(first, count);
    }

    // A text of at most elf::longest_name bytes, which ends in the region of `home` in which it begins. Every byte counts as work that the
    // file gives: texts that share their bytes beyond all measure are refused.
    Result<std::string_view> text(const char* start, modlink::RegionSet home, std::string_view what);

    // The same with its hash.
    Result<elf::HashedName> hashed_text(const char* start, modlink::RegionSet home, std::string_view what)
    {
        const auto found = elf::hashed_name(start, room_for_text(start, home));
        if (!found) [[unlikely]]
            return refuse_text(start, home, what);
        TRY(pay(found->name.size() + 1, what));
        return *found;
    }

    // `size` bytes inside one region of `home`.
    Result<> check_inside(u64 address, u64 size, u64 alignment, modlink::RegionSet home, std::string_view what)
    {
        const auto region = home.find([&](modlink::Region candidate) { return extent(candidate).contains(address); });
        if (!region || size > extent(*region).place + extent(*region).size - address) [[unlikely]]
            return refuse(address, size, what);
        if ((address & (alignment - 1)) != 0) [[unlikely]]
            return refuse_alignment(address, alignment, what);
        return {};
    }

    // Null, or an instruction in `home`.
    template <typename F>
    Result<F*> function(F* address, modlink::RegionSet home, std::string_view what)
    {
        if (address != nullptr)
            TRY(check_inside(reinterpret_cast<u64>(address), 1, 1, home, what));
        return address;
    }

    // A place in the core of the module, where others will look for a symbol; its end, too, as labels stand there.
    Result<> check_core_place(u64 address, std::string_view what)
    {
        const Extent& text = extent(modlink::Region::text);
        if (text.size != 0 && address - text.place <= text.size) [[likely]]
            return {};
        return check_core_data(address, what);
    }

    // Counts so many bytes, of which the caller looks at each, as work that the file gives.
    Result<> pay(u64 bytes, std::string_view what)
    {
        if (bytes >= budget_) [[unlikely]]
            return diagnostics_.fail(Errno::noexec, "{}: too many texts share their bytes", what);
        budget_ -= bytes;
        if (budget_at_pause_ - budget_ < elf::bytes_between_pauses) [[likely]]
            return {};
        budget_at_pause_ = budget_;
        return diagnostics_.pause_point();
    }

    elf::Diagnostics& diagnostics() { return diagnostics_; }

private:
    // Of a region; one that is not there holds nothing.
    struct Extent {
        u64 place = 0;
        u64 size = 0;
        bool contains(u64 address) const { return address - place < size; }
    };

    const Extent& extent(modlink::Region region) const { return extents_.data()[index_of(region)]; }
    [[gnu::cold]] std::unexpected<Errno> refuse(u64 address, u64 size, std::string_view what);
    [[gnu::cold]] std::unexpected<Errno> refuse_alignment(u64 address, u64 alignment, std::string_view what);
    [[gnu::cold]] std::unexpected<Errno> refuse_text(const char* start, modlink::RegionSet home, std::string_view what);
    Result<> check_core_data(u64 address, std::string_view what);

    // So many bytes from `start` on may be looked at for its end; 0 outside `home`.
    usize room_for_text(const char* start, modlink::RegionSet home) const
    {
        const u64 address = reinterpret_cast<u64>(start);
        const auto region = home.find([&](modlink::Region candidate) { return extent(candidate).contains(address); });
        return region ? std::min<usize>(extent(*region).place + extent(*region).size - address, elf::longest_name) : 0;
    }

    const modlink::Image& image_;
    elf::Diagnostics& diagnostics_;
    std::array<Extent, modlink::region_count> extents_{};
    u64 budget_ = 0;  // bytes of text that may still be walked over
    u64 budget_at_pause_ = 0;
};

}  // namespace tenon::modload
