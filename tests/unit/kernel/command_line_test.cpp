#include "kernel/command_line.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tenon::command_line {
namespace {

TEST(CommandLine, FindsValuesAndBareWords)
{
    constexpr std::string_view line = "console=ttyAMA0 quiet  panic=-1\troot=\"a b\" empty=";
    EXPECT_EQ(find_parameter(line, "console"), "ttyAMA0");
    EXPECT_EQ(find_parameter(line, "quiet"), "");
    EXPECT_EQ(find_parameter(line, "panic"), "-1");
    EXPECT_EQ(find_parameter(line, "root"), "a b");
    EXPECT_EQ(find_parameter(line, "empty"), "");
    EXPECT_EQ(find_parameter(line, "absent"), std::nullopt);
    EXPECT_EQ(find_parameter(line, "pani"), std::nullopt);
}

TEST(CommandLine, TheLastOneWins)
{
    EXPECT_EQ(find_parameter("loglevel=3 loglevel=7", "loglevel"), "7");
}

TEST(CommandLine, AWordInQuotesIsAWord)
{
    EXPECT_EQ(find_parameter("\"init=/bin/my sh\" quiet", "init"), "/bin/my sh");
    EXPECT_EQ(find_parameter("\"quiet\"", "quiet"), "");
}

TEST(CommandLine, DashesAndUnderscoresInNamesAreTheSame)
{
    EXPECT_EQ(find_parameter("module-far=1", "module_far"), "1");
}

TEST(CommandLine, AnUnfinishedQuoteReachesToTheEnd)
{
    EXPECT_EQ(find_parameter("b=\"unfinished c=1", "b"), "unfinished c=1");
    EXPECT_EQ(find_parameter("b=\"unfinished c=1", "c"), std::nullopt);
}

TEST(CommandLine, OnlyABareSeparatorEndsTheParameters)
{
    EXPECT_EQ(find_parameter("quiet -- panic=5", "panic"), std::nullopt);
    EXPECT_EQ(find_parameter("name=\"a -- b\" panic=5", "panic"), "5");
    EXPECT_EQ(find_parameter("--=1 panic=5", "panic"), "5");
}

std::vector<std::string> init_words(std::string_view line)
{
    std::vector<std::string> words;
    InitWords reader(line);
    for (FixedText<200> word; reader.next(word); word.clear())
        words.emplace_back(word.view());
    return words;
}

using Words = std::vector<std::string>;

TEST(CommandLine, InitGetsTheWordsBehindTheSeparator)
{
    EXPECT_EQ(init_words("quiet init=/bin/sh"), Words{});
    EXPECT_EQ(init_words("quiet --"), Words{});
    EXPECT_EQ(init_words("quiet --   -x  single "), (Words{"-x", "single"}));
    EXPECT_EQ(init_words("-- a -- b"), (Words{"a", "--", "b"}));
}

TEST(CommandLine, InitsWordsKeepBlanksInQuotesAndLoseTheQuotes)
{
    EXPECT_EQ(init_words("init=/bin/sh -- -c \"echo one two\""), (Words{"-c", "echo one two"}));
    EXPECT_EQ(init_words("-- name=\"a b\" \"c=d e\" f="), (Words{"name=a b", "c=d e", "f="}));
    EXPECT_EQ(init_words("a=\" -- \" -- b"), Words{"b"});
}

}  // namespace
}  // namespace tenon::command_line
