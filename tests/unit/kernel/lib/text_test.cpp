#include "kernel/lib/text.h"

#include <gtest/gtest.h>

namespace tenon {
namespace {

template <typename... Args>
std::string formatted(std::string_view format, const Args&... args)
{
    return std::string(FixedText<100>(format, args...).view());
}

TEST(Text, WritesArgumentsInOrder)
{
    EXPECT_EQ(formatted("{} and {}", 1, "two"), "1 and two");
}

TEST(Text, WritesExtremeNumbers)
{
    EXPECT_EQ(formatted("{} {}", INT64_MIN, UINT64_MAX), "-9223372036854775808 18446744073709551615");
}

TEST(Text, WritesHexadecimal)
{
    EXPECT_EQ(formatted("{:x} {:#x} {:016x} {:#010x}", 255u, 255u, 0xabcu, 0x1fu), "ff 0xff 0000000000000abc 0x0000001f");
}

TEST(Text, NegativeNumbersInHexadecimalAreTwosComplement)
{
    EXPECT_EQ(formatted("{:x}", -1), "ffffffffffffffff");
}

TEST(Text, AlignsTextLeftAndNumbersRight)
{
    EXPECT_EQ(formatted("[{:5}][{:5}][{:>5}][{:<5}]", "ab", 12, "ab", 12), "[ab   ][   12][   ab][12   ]");
}

TEST(Text, FillsWithZerosBehindTheSign)
{
    EXPECT_EQ(formatted("{:05}", -42), "-0042");
}

TEST(Text, DoubledBracesAreBraces)
{
    EXPECT_EQ(formatted("{{}} {}", true), "{} true");
}

TEST(Text, MissingArgumentsShow)
{
    EXPECT_EQ(formatted("{} {}", 1), "1 {?}");
}

TEST(Text, UnclosedBraceIsText)
{
    EXPECT_EQ(formatted("a {", 1), "a {");
}

TEST(Text, CutsWhatDoesNotFit)
{
    FixedText<4> text("{}", "abcdef");
    EXPECT_EQ(text.view(), "abcd");
    EXPECT_TRUE(text.truncated());
    EXPECT_EQ(text.c_str()[4], '\0');
}

TEST(Text, NamesErrors)
{
    EXPECT_EQ(formatted("{}", Errno::noexec), "ENOEXEC");
}

}  // namespace
}  // namespace tenon
