#include "tests/mutate/sample/lacking_test.cpp"

namespace tenon::test {
namespace {

TEST(Sample, TakingSaysSo)
{
    unsigned left = 1;
    EXPECT_TRUE(take_one(left));
}

}  // namespace
}  // namespace tenon::test
