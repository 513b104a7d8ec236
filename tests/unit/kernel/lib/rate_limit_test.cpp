#include "kernel/lib/rate_limit.h"

#include <gtest/gtest.h>

namespace tenon {
namespace {

TEST(RateLimit, LetsABurstThroughInEachInterval)
{
    RateLimit limit;
    const u64 start = 123;
    for (u32 i = 0; i < RateLimit::burst; ++i)
        EXPECT_TRUE(limit.allows(start + i));
    EXPECT_FALSE(limit.allows(start + RateLimit::burst));
    EXPECT_FALSE(limit.allows(start + RateLimit::interval - 1));
    EXPECT_TRUE(limit.allows(start + RateLimit::interval));
    EXPECT_EQ(limit.take_suppressed(), 2u);
    EXPECT_EQ(limit.take_suppressed(), 0u);
}

TEST(RateLimit, HoldsBackNothingThatComesSlowly)
{
    RateLimit limit;
    for (u64 i = 0; i < 100; ++i)
        EXPECT_TRUE(limit.allows(i * RateLimit::interval / RateLimit::burst)) << i;
    EXPECT_EQ(limit.take_suppressed(), 0u);
}

}  // namespace
}  // namespace tenon
