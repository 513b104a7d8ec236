#include <gtest/gtest.h>

#include "tests/mutate/sample/sample.h"

// Everything but that take_one() says when it has taken one; complete_test.cpp adds that.

namespace tenon::test {
namespace {

TEST(Sample, SmallIsBelowEight)
{
    EXPECT_TRUE(is_small(7));
    EXPECT_FALSE(is_small(8));
}

TEST(Sample, MiddleHasFourBits)
{
    EXPECT_EQ(middle(0xffff), 0xf0u);
}

TEST(Sample, NothingIsTakenFromNothing)
{
    unsigned left = 1;
    take_one(left);
    EXPECT_EQ(left, 0u);
    EXPECT_FALSE(take_one(left));
    EXPECT_EQ(left, 0u);
}

}  // namespace
}  // namespace tenon::test
