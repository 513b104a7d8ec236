#include <gtest/gtest.h>

#include "tools/lib/module_name.h"

namespace tenon::tools {
namespace {

TEST(ModuleName, ComesFromTheFileName)
{
    EXPECT_EQ(module_name_from_path("kernel/sound/core/snd-pcm.ko"), "snd_pcm");
    EXPECT_EQ(module_name_from_path("/a-b/c-d.ko.zst"), "c_d");
    EXPECT_EQ(module_name_from_path("plain-name"), "plain_name");
    EXPECT_EQ(module_name_from_path(""), "");
}

TEST(ModuleName, KnowsTheExtensions)
{
    EXPECT_EQ(module_extension("x/a.ko"), 3U);
    EXPECT_EQ(module_extension("a.ko.xz"), 1U);
    EXPECT_EQ(module_extension("a.ko.gz"), 1U);
    EXPECT_EQ(module_extension("a.ko.zst"), 1U);
    EXPECT_FALSE(module_extension("a.kos"));
    EXPECT_FALSE(module_extension("a.ko.bz2"));
    EXPECT_FALSE(module_extension(".ko"));
}

TEST(NormalisedAlias, KeepsDashesInBrackets)
{
    EXPECT_EQ(normalised_alias("a-b[c-d]e-f"), "a_b[c-d]e_f");
    EXPECT_EQ(normalised_alias("no.change:here"), "no.change:here");
}

// An unmatched bracket once ran past the end of the buffer.
TEST(NormalisedAlias, RefusesUnmatchedBrackets)
{
    EXPECT_FALSE(normalised_alias("a[b"));
    EXPECT_FALSE(normalised_alias("["));
    EXPECT_FALSE(normalised_alias("a]b"));
    EXPECT_FALSE(normalised_alias("a[b]c["));
    EXPECT_FALSE(normalised_alias(std::string(100000, '[')));
}

TEST(Matches, IsAWildcardMatch)
{
    EXPECT_TRUE(matches("snd_*", "snd_pcm"));
    EXPECT_TRUE(matches("a?c", "abc"));
    EXPECT_TRUE(matches("[ab]x", "bx"));
    EXPECT_TRUE(matches("plain", "plain"));
    EXPECT_FALSE(matches("plain", "plains"));
    EXPECT_FALSE(matches("plains", "plain"));
    EXPECT_FALSE(matches("b*", "abc"));
    EXPECT_TRUE(matches("a*", "a"));
    EXPECT_FALSE(matches("", "a"));
    EXPECT_TRUE(matches("", ""));
}

}  // namespace
}  // namespace tenon::tools
