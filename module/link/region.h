#pragma once

#include <array>
#include <bit>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "kernel/lib/types.h"

namespace tenon::modlink {

// The pieces of memory that a module is laid out in, by permission and life time. Init regions are freed after init;
// what is read-only only after init needs no init twin, because init_data dies then.
enum class Region : u8 { text, rodata, ro_after_init, data, init_text, init_rodata, init_data };

inline constexpr usize region_count = 7;
inline constexpr std::array<Region, region_count> all_regions = {
    Region::text, Region::rodata, Region::ro_after_init, Region::data, Region::init_text, Region::init_rodata, Region::init_data,
};

constexpr usize index_of(Region region)
{
    return static_cast<usize>(region);
}

constexpr bool is_init(Region region)
{
    return region >= Region::init_text;
}

// Core memory stays until the module goes; init memory goes when init has run.
enum class Lifetime : u8 { core, init };

constexpr Lifetime lifetime_of(Region region)
{
    return is_init(region) ? Lifetime::init : Lifetime::core;
}

constexpr bool is_executable(Region region)
{
    return region == Region::text || region == Region::init_text;
}

// Whether the module itself may store to it while its init runs.
constexpr bool is_writable(Region region)
{
    return region == Region::data || region == Region::init_data || region == Region::ro_after_init;
}

std::string_view region_name(Region region);

// Whether a module's code has a landing pad wherever an indirect branch may lead, so that pages with it may refuse every other target.
enum class LandingPads : bool { none, everywhere };

// Some of the regions.
class RegionSet {
public:
    constexpr RegionSet(std::initializer_list<Region> regions)
    {
        for (const Region region : regions)
            mask_ |= 1u << index_of(region);
    }
    constexpr bool contains(Region region) const { return (mask_ >> index_of(region) & 1) != 0; }

    // The first that `is_wanted`, by their order in Region.
    template <typename Predicate>
    constexpr std::optional<Region> find(Predicate&& is_wanted) const
    {
        for (u32 rest = mask_; rest != 0; rest &= rest - 1)
            if (const Region region = static_cast<Region>(std::countr_zero(rest)); is_wanted(region))
                return region;
        return std::nullopt;
    }

private:
    u32 mask_ = 0;
};

}  // namespace tenon::modlink
