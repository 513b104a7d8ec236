#include "kernel/mm/region_set.h"

#include <string>

#include <gtest/gtest.h>

namespace tenon {
namespace {

constexpr u64 page = 0x1000;

class NoPages final : public PageSource {
public:
    Result<PageRef> page(u64) override { return fail(Errno::nxio); }
};

MemoryRegion region(u64 first_page, u64 last_page, arch::UserAccess access = arch::UserAccess::read)
{
    MemoryRegion result;
    result.start = UserAddr(first_page * page);
    result.end = UserAddr(last_page * page);
    result.access = access;
    return result;
}

UserAddr at(u64 number)
{
    return UserAddr(number * page);
}

// "10-20r 20-30w": page numbers and the first letter of the access.
std::string text(const RegionSet& set)
{
    std::string result;
    for (const MemoryRegion& each : set) {
        if (!result.empty())
            result += ' ';
        result += std::to_string(each.start.value() / page) + '-' + std::to_string(each.end.value() / page);
        result += each.access == arch::UserAccess::read ? 'r' : each.access == arch::UserAccess::write ? 'w' : '-';
    }
    return result;
}

TEST(RegionSet, JoinsLikeNeighboursOnBothSides)
{
    RegionSet set;
    ASSERT_TRUE(set.insert(region(10, 20)));
    ASSERT_TRUE(set.insert(region(30, 40)));
    ASSERT_TRUE(set.insert(region(20, 30)));
    EXPECT_EQ(text(set), "10-40r");
    EXPECT_EQ(set.pages(), 30u);
}

TEST(RegionSet, KeepsNeighboursApartThatDiffer)
{
    RegionSet set;
    ASSERT_TRUE(set.insert(region(10, 20)));
    ASSERT_TRUE(set.insert(region(20, 30, arch::UserAccess::write)));
    EXPECT_EQ(text(set), "10-20r 20-30w");
}

TEST(RegionSet, FindsByAddress)
{
    RegionSet set;
    ASSERT_TRUE(set.insert(region(10, 20)));
    EXPECT_EQ(set.find(at(9)), nullptr);
    EXPECT_NE(set.find(at(10)), nullptr);
    EXPECT_NE(set.find(at(19)), nullptr);
    EXPECT_EQ(set.find(at(20)), nullptr);
    EXPECT_EQ(set.first_ending_above(at(5)), set.find(at(10)));
}

TEST(RegionSet, RemovingTheMiddleLeavesBothEnds)
{
    RegionSet set;
    RegionSet removed;
    ASSERT_TRUE(set.insert(region(10, 40)));
    ASSERT_TRUE(set.remove(at(20), at(30), removed));
    EXPECT_EQ(text(set), "10-20r 30-40r");
    EXPECT_EQ(set.pages(), 20u);
}

TEST(RegionSet, RemovesAcrossHolesAndRegions)
{
    RegionSet set;
    RegionSet removed;
    ASSERT_TRUE(set.insert(region(10, 20)));
    ASSERT_TRUE(set.insert(region(25, 30, arch::UserAccess::write)));
    ASSERT_TRUE(set.insert(region(35, 45)));
    ASSERT_TRUE(set.remove(at(15), at(40), removed));
    EXPECT_EQ(text(set), "10-15r 40-45r");
    ASSERT_TRUE(set.remove(at(0), at(100), removed));
    EXPECT_EQ(text(set), "");
    EXPECT_EQ(set.pages(), 0u);
}

// Who removes a region holds a lock; the source may be the last reference to an open file.
TEST(RegionSet, RemovedRegionsKeepTheirSourceUntilTheCallerLetsGo)
{
    class Watched final : public PageSource {
    public:
        explicit Watched(bool& gone) : gone_(gone) {}
        ~Watched() override { gone_ = true; }
        Result<PageRef> page(u64) override { return fail(Errno::nxio); }

    private:
        bool& gone_;
    };
    bool gone = false;
    RegionSet set;
    RegionSet removed;
    {
        MemoryRegion file = region(10, 40);
        file.source = adopt_ref<PageSource>(new Watched(gone));
        ASSERT_TRUE(set.insert(file));
    }
    ASSERT_TRUE(set.remove(at(0), at(100), removed));
    EXPECT_EQ(set.pages(), 0u);
    EXPECT_EQ(removed.pages(), 30u);
    EXPECT_FALSE(gone);
    removed.clear();
    EXPECT_TRUE(gone);
}

TEST(RegionSet, SplittingAFileMappingKeepsItsPageNumbers)
{
    RegionSet set;
    RegionSet removed;
    MemoryRegion file = region(10, 40);
    file.source = adopt_ref<PageSource>(new NoPages);
    file.source_page = 100;
    ASSERT_TRUE(set.insert(file));
    ASSERT_TRUE(set.remove(at(20), at(30), removed));
    const MemoryRegion* upper = set.find(at(30));
    ASSERT_NE(upper, nullptr);
    EXPECT_EQ(upper->source_index(at(30)), 120u);
    file.start = at(20);
    file.end = at(30);
    file.source_page = 110;
    ASSERT_TRUE(set.insert(file));
    EXPECT_EQ(text(set), "10-40r");
    EXPECT_EQ(set.find(at(39))->source_index(at(39)), 129u);
}

TEST(RegionSet, DoesNotJoinFilePagesOutOfOrder)
{
    RegionSet set;
    MemoryRegion file = region(10, 20);
    file.source = adopt_ref<PageSource>(new NoPages);
    ASSERT_TRUE(set.insert(file));
    file.start = at(20);
    file.end = at(30);
    ASSERT_TRUE(set.insert(file));
    EXPECT_EQ(text(set), "10-20r 20-30r");
}

TEST(RegionSet, ProtectSplitsAndJoinsAgain)
{
    RegionSet set;
    ASSERT_TRUE(set.insert(region(10, 40)));
    ASSERT_TRUE(set.protect(at(20), at(30), arch::UserAccess::write));
    EXPECT_EQ(text(set), "10-20r 20-30w 30-40r");
    ASSERT_TRUE(set.protect(at(10), at(40), arch::UserAccess::write));
    EXPECT_EQ(text(set), "10-40w");
}

TEST(RegionSet, ProtectGrantsNoMoreThanEveryRegionMayHave)
{
    RegionSet set;
    MemoryRegion limited = region(20, 30);
    limited.may_access = arch::UserAccess::read;
    ASSERT_TRUE(set.insert(region(10, 20)));
    ASSERT_TRUE(set.insert(limited));
    EXPECT_EQ(text(set), "10-20r 20-30r") << "what may become different is not joined";
    EXPECT_EQ(set.protect(at(15), at(25), arch::UserAccess::write).error(), Errno::acces);
    EXPECT_EQ(text(set), "10-20r 20-30r") << "nothing changed";
    EXPECT_TRUE(set.protect(at(15), at(20), arch::UserAccess::write));
    EXPECT_TRUE(set.protect(at(20), at(30), arch::UserAccess::none));
    EXPECT_EQ(text(set), "10-15r 15-20w 20-30-");
}

TEST(RegionSet, KnowsHowMuchOfARangeIsMapped)
{
    RegionSet set;
    ASSERT_TRUE(set.insert(region(10, 20)));
    ASSERT_TRUE(set.insert(region(30, 40)));
    EXPECT_EQ(set.mapped_size(at(0), at(100)), 20 * page);
    EXPECT_EQ(set.mapped_size(at(15), at(32)), 7 * page);
    EXPECT_EQ(set.mapped_size(at(12), at(14)), 2 * page);
    EXPECT_EQ(set.mapped_size(at(20), at(30)), 0u);
    EXPECT_EQ(set.mapped_size(at(40), at(50)), 0u);
}

TEST(RegionSet, CoversOnlyWithoutHoles)
{
    RegionSet set;
    ASSERT_TRUE(set.insert(region(10, 20)));
    ASSERT_TRUE(set.insert(region(20, 30, arch::UserAccess::write)));
    EXPECT_TRUE(set.covers(at(12), at(30)));
    EXPECT_FALSE(set.covers(at(12), at(31)));
    EXPECT_TRUE(set.is_free(at(30), at(40)));
    EXPECT_FALSE(set.is_free(at(29), at(40)));
}

TEST(RegionSet, FindsTheHighestGap)
{
    RegionSet set;
    EXPECT_EQ(set.find_free(5 * page, at(10), at(100)), at(95));
    ASSERT_TRUE(set.insert(region(90, 110)));
    EXPECT_EQ(set.find_free(5 * page, at(10), at(100)), at(85));
    ASSERT_TRUE(set.insert(region(80, 87, arch::UserAccess::write)));
    EXPECT_EQ(set.find_free(5 * page, at(10), at(100)), at(75));
    EXPECT_EQ(set.find_free(3 * page, at(10), at(100)), at(87));
    EXPECT_EQ(set.find_free(70 * page, at(10), at(100)), at(10));
    EXPECT_EQ(set.find_free(71 * page, at(10), at(100)), std::nullopt);
}

TEST(RegionSet, FindsNothingBelowTheLimit)
{
    RegionSet set;
    ASSERT_TRUE(set.insert(region(5, 100)));
    EXPECT_EQ(set.find_free(page, at(10), at(100)), std::nullopt);
}

TEST(RegionSet, TheStackGrowsDownAndNeverJoins)
{
    RegionSet set;
    MemoryRegion stack = region(50, 60);
    stack.grows_down = GrowsDown::yes;
    ASSERT_TRUE(set.insert(stack));
    ASSERT_TRUE(set.insert(region(40, 45)));
    set.grow_down(*set.find(at(55)), at(45));
    EXPECT_EQ(text(set), "40-45r 45-60r");
    EXPECT_EQ(set.pages(), 20u);
}

TEST(RegionSet, CopiesEverything)
{
    RegionSet set;
    ASSERT_TRUE(set.insert(region(10, 20)));
    ASSERT_TRUE(set.insert(region(20, 30, arch::UserAccess::write)));
    RegionSet copy;
    ASSERT_TRUE(copy.copy_from(set));
    EXPECT_EQ(text(copy), text(set));
    EXPECT_EQ(copy.pages(), set.pages());
}

}  // namespace
}  // namespace tenon
