#include "kernel/fs/path_text.h"

#include <gtest/gtest.h>

namespace tenon::path_text {
namespace {

TEST(PathText, SplitsOffOneComponent)
{
    const Head head = split_first("usr/bin/env");
    EXPECT_EQ(head.name, "usr");
    EXPECT_EQ(head.rest, "bin/env");
    EXPECT_FALSE(head.ends);
    EXPECT_TRUE(head.wants_directory);
}

TEST(PathText, TheLastComponentEnds)
{
    const Head head = split_first("env");
    EXPECT_EQ(head.name, "env");
    EXPECT_TRUE(head.rest.empty());
    EXPECT_TRUE(head.ends);
    EXPECT_FALSE(head.wants_directory);
}

TEST(PathText, TrailingSlashesAskForADirectory)
{
    const Head head = split_first("tmp///");
    EXPECT_EQ(head.name, "tmp");
    EXPECT_TRUE(head.ends);
    EXPECT_TRUE(head.wants_directory);
}

TEST(PathText, RepeatedSlashesSeparateOnce)
{
    const Head head = split_first("a////b");
    EXPECT_EQ(head.name, "a");
    EXPECT_EQ(head.rest, "b");
}

TEST(PathText, SkipsLeadingSlashes)
{
    EXPECT_EQ(skip_slashes("///a/b"), "a/b");
    EXPECT_EQ(skip_slashes("/"), "");
    EXPECT_EQ(skip_slashes(""), "");
    EXPECT_EQ(skip_slashes("a/"), "a/");
}

TEST(PathText, KnowsTheDots)
{
    EXPECT_TRUE(is_dots("."));
    EXPECT_TRUE(is_dots(".."));
    EXPECT_FALSE(is_dots("..."));
    EXPECT_FALSE(is_dots(".a"));
}

}  // namespace
}  // namespace tenon::path_text
