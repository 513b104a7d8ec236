#include "kernel/lib/growing_text.h"

#include <gtest/gtest.h>

#include <string>

namespace tenon {
namespace {

TEST(GrowingText, KeepsEverything)
{
    GrowingText text;
    std::string expected;
    EXPECT_EQ(text.view(), "");
    for (int i = 0; i < 2000; ++i) {
        format_to(text, "line {}\n", i);
        expected += "line " + std::to_string(i) + "\n";
    }
    EXPECT_EQ(text.view(), expected);
    EXPECT_FALSE(text.truncated());
}

TEST(GrowingText, StartsAgainWhenCleared)
{
    GrowingText text;
    text.write("old");
    text.clear();
    text.write("new");
    EXPECT_EQ(text.view(), "new");
}

}  // namespace
}  // namespace tenon
