#include "kernel/thread/fair_share.h"

#include <gtest/gtest.h>

namespace tenon::fair_share {
namespace {

TEST(FairShare, TheUsualNiceValueCountsTimeAsItIs)
{
    EXPECT_EQ(weight(0), usual_weight);
    EXPECT_EQ(virtual_time(12345, weight(0)), 12345u);
}

TEST(FairShare, EachStepIsAFactorOfFiveQuarters)
{
    for (int nice = least_nice; nice < greatest_nice; ++nice) {
        const double factor = static_cast<double>(weight(nice)) / static_cast<double>(weight(nice + 1));
        EXPECT_NEAR(factor, 1.25, 0.07) << nice;  // weights are whole numbers
    }
}

TEST(FairShare, TimeOfANiceThreadPassesFaster)
{
    constexpr u64 second = 1'000'000'000;
    for (int nice = least_nice; nice < greatest_nice; ++nice)
        EXPECT_LT(virtual_time(second, weight(nice)), virtual_time(second, weight(nice + 1)));
}

TEST(FairShare, AnHourOfTheFastestCounterDoesNotOverflow)
{
    constexpr u64 hour = 3600 * 10'000'000'000ull;
    EXPECT_GT(virtual_time(hour, idle_weight), hour);
    EXPECT_LT(virtual_time(hour, weight(least_nice)), hour);
}

TEST(FairShare, AnIdleThreadWeighsLessThanTheNicestOne)
{
    for (const int nice : {least_nice, 0, greatest_nice}) {
        EXPECT_EQ(weight(Policy::batch, nice), weight(nice));
        EXPECT_LT(weight(Policy::idle, nice), weight(greatest_nice));
    }
}

TEST(FairShare, ChildrenInheritUnlessTheirParentSaysNot)
{
    Share parent;
    parent.set_nice(-5);
    parent.set_policy(Policy::idle, false);
    Share child;
    child.inherit(parent);
    EXPECT_EQ(child.nice(), -5);
    EXPECT_EQ(child.policy(), Policy::idle);
    EXPECT_EQ(child.weight(), idle_weight);
    parent.set_policy(Policy::batch, true);
    child.inherit(parent);
    EXPECT_EQ(child.nice(), 0);
    EXPECT_EQ(child.policy(), Policy::other);
    EXPECT_FALSE(child.resets_on_fork());
    parent.set_nice(7);
    child.inherit(parent);
    EXPECT_EQ(child.nice(), 7);
}

TEST(FairShare, NiceValuesAreCut)
{
    EXPECT_EQ(clamp_nice(-100), -20);
    EXPECT_EQ(clamp_nice(100), 19);
    EXPECT_EQ(clamp_nice(7), 7);
}

}  // namespace
}  // namespace tenon::fair_share
