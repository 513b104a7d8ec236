#include "kernel/boot_info.h"

#include <gtest/gtest.h>

#include <vector>

namespace tenon {
namespace {

BootInfo test_info;

PhysRange range(u64 start, u64 end)
{
    return {PhysAddr(start), PhysAddr(end)};
}

std::vector<std::pair<u64, u64>> contents(const RangeList& list)
{
    std::vector<std::pair<u64, u64>> result;
    for (const auto& item : list.all())
        result.emplace_back(item.start.value(), item.end.value());
    return result;
}

using Ranges = std::vector<std::pair<u64, u64>>;

TEST(RangeList, SubtractCutsOutTheMiddle)
{
    RangeList list;
    list.add(range(0x1000, 0x9000));
    list.subtract(range(0x3000, 0x5000));
    EXPECT_EQ(contents(list), (Ranges{{0x1000, 0x3000}, {0x5000, 0x9000}}));
}

TEST(RangeList, SubtractCutsEndsAndWholeRanges)
{
    RangeList list;
    list.add(range(0x1000, 0x2000));
    list.add(range(0x3000, 0x4000));
    list.add(range(0x5000, 0x6000));
    list.subtract(range(0x1800, 0x5800));
    EXPECT_EQ(contents(list), (Ranges{{0x1000, 0x1800}, {0x5800, 0x6000}}));
}

TEST(RangeList, SubtractOfNothingChangesNothing)
{
    RangeList list;
    list.add(range(0x1000, 0x2000));
    list.subtract(range(0x1800, 0x1800));
    list.subtract(range(0x2000, 0x3000));
    EXPECT_EQ(contents(list), (Ranges{{0x1000, 0x2000}}));
}

TEST(RangeList, RefusesWhatDoesNotFit)
{
    RangeList list;
    for (u64 i = 0; i < RangeList::capacity; ++i)
        EXPECT_TRUE(list.add(range(i * 0x1000, i * 0x1000 + 0x800)));
    EXPECT_FALSE(list.add(range(0x100000, 0x200000)));
    EXPECT_TRUE(list.add(range(0x100000, 0x100000)));  // nothing always fits
    EXPECT_EQ(list.all().size(), RangeList::capacity);
}

TEST(BootArgument, ReadsTheCommandLineOfTheBootLoader)
{
    test_info.command_line.write("quiet panic=-1");
    EXPECT_EQ(boot_argument("panic"), "-1");
    EXPECT_EQ(boot_argument("absent"), std::nullopt);
}

}  // namespace

const BootInfo& boot_info()
{
    return test_info;
}

}  // namespace tenon
