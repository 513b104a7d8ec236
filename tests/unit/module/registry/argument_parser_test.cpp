#include "module/registry/argument_parser.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenon::modreg {
namespace {

using testing::ElementsAre;

// "name=value" per argument, "name" for one without a value.
std::vector<std::string> parse(std::string_view text)
{
    std::vector<std::string> arguments;
    ArgumentParser parser(text);
    while (const auto argument = parser.next())
        arguments.push_back(std::string(argument->name) + (argument->value ? "=" + std::string(*argument->value) : ""));
    return arguments;
}

TEST(ArgumentParser, BlanksSeparate)
{
    EXPECT_THAT(parse(""), ElementsAre());
    EXPECT_THAT(parse("  \t\n"), ElementsAre());
    EXPECT_THAT(parse("a=1"), ElementsAre("a=1"));
    EXPECT_THAT(parse(" a=1\tb=2 \n c "), ElementsAre("a=1", "b=2", "c"));
}

TEST(ArgumentParser, QuotesKeepBlanks)
{
    EXPECT_THAT(parse("a=\"x y\" b=1"), ElementsAre("a=x y", "b=1"));
    EXPECT_THAT(parse("\"a=x y\" b=1"), ElementsAre("a=x y", "b=1"));
    EXPECT_THAT(parse("a=x\" \"y"), ElementsAre("a=x\" \"y"));
    EXPECT_THAT(parse("a=\"unfinished b=1"), ElementsAre("a=unfinished b=1"));
    EXPECT_THAT(parse("\""), ElementsAre(""));
    EXPECT_THAT(parse("\"\" a"), ElementsAre("", "a"));
}

TEST(ArgumentParser, TheFirstEqualsSignDivides)
{
    EXPECT_THAT(parse("a=b=c"), ElementsAre("a=b=c"));
    EXPECT_THAT(parse("a="), ElementsAre("a="));
    EXPECT_THAT(parse("=x"), ElementsAre("=x"));
    EXPECT_THAT(parse("\"=\""), ElementsAre("="));
}

TEST(ArgumentParser, DashesAndUnderscoresAreTheSame)
{
    EXPECT_TRUE(same_parameter("a-b_c", "a_b-c"));
    EXPECT_FALSE(same_parameter("a-b", "a-bc"));
    EXPECT_FALSE(same_parameter("a.b", "a_b"));
}

}  // namespace
}  // namespace tenon::modreg
