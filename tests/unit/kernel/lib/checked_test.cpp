#include "kernel/lib/checked.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace tenon {
namespace {

constexpr u64 highest = std::numeric_limits<u64>::max();

TEST(Checked, AdditionRefusesTheFirstSumThatDoesNotFit)
{
    EXPECT_EQ(checked_add<u64>(highest - 1, 1), highest);
    EXPECT_EQ(checked_add<u64>(highest, 1), std::nullopt);
    EXPECT_EQ(checked_add<u8>(255, 1), std::nullopt);
}

TEST(Checked, MultiplicationRefusesTheFirstProductThatDoesNotFit)
{
    EXPECT_EQ(checked_mul<u64>(u64{1} << 32, (u64{1} << 32) - 1), highest - (u64{1} << 32) + 1);
    EXPECT_EQ(checked_mul<u64>(u64{1} << 32, u64{1} << 32), std::nullopt);
}

TEST(Checked, AlignmentUpRefusesToWrap)
{
    EXPECT_EQ(checked_align_up(highest - 0xfff, 0x1000), highest - 0xfff);
    EXPECT_EQ(checked_align_up(highest - 0xffe, 0x1000), std::nullopt);
    EXPECT_EQ(checked_align_up(0, 0x1000), 0u);
}

TEST(Checked, RangeFitsUpToTheLimitAndSurvivesHugeOffsets)
{
    EXPECT_TRUE(range_fits(10, 0, 10));
    EXPECT_TRUE(range_fits(0, 10, 10));
    EXPECT_FALSE(range_fits(1, 10, 10));
    EXPECT_FALSE(range_fits(highest, 2, 10));
    EXPECT_FALSE(range_fits(2, highest, 10));
}

TEST(Checked, SubspanIsThePartOrNothing)
{
    std::array<u8, 4> bytes{1, 2, 3, 4};
    const auto part = checked_subspan(std::span<u8>(bytes), 1, 3);
    ASSERT_TRUE(part.has_value());
    EXPECT_EQ(part->front(), 2);
    EXPECT_FALSE(checked_subspan(std::span<u8>(bytes), 2, 3).has_value());
}

}  // namespace
}  // namespace tenon
