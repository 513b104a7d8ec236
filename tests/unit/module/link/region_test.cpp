#include "module/link/region.h"

#include <gtest/gtest.h>

namespace tenon::modlink {
namespace {

TEST(Regions, OfInitGoWithInitAndTheOthersStay)
{
    for (const Region region : all_regions) {
        const bool init = region_name(region).starts_with("init_");
        EXPECT_EQ(is_init(region), init) << region_name(region);
        EXPECT_EQ(lifetime_of(region), init ? Lifetime::init : Lifetime::core) << region_name(region);
        EXPECT_EQ(is_executable(region), region_name(region).ends_with("text"));
    }
    EXPECT_EQ(all_regions.size(), region_count);
}

TEST(RegionSets, ContainWhatTheyWereMadeOf)
{
    const RegionSet set{Region::rodata, Region::init_data};
    for (const Region region : all_regions)
        EXPECT_EQ(set.contains(region), region == Region::rodata || region == Region::init_data) << region_name(region);
    for (const Region region : all_regions)
        EXPECT_FALSE(RegionSet({}).contains(region));
    EXPECT_EQ(set.find([](Region) { return true; }), Region::rodata) << "the first in the order of Region";
    EXPECT_EQ(set.find([](Region region) { return is_init(region); }), Region::init_data);
    EXPECT_EQ(set.find([](Region region) { return is_executable(region); }), std::nullopt);
}

}  // namespace
}  // namespace tenon::modlink
