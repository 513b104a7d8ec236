#include "module/registry/parameter_value.h"

#include <gtest/gtest.h>

namespace tenon::modreg {
namespace {

// As Linux takes them: by the first letter, "on" and "off" by two, in any case.
TEST(ParameterValue, WordsForYesAndNo)
{
    for (const ParameterKind kind : {ParameterKind::bool_, ParameterKind::invbool_}) {
        const bool inverted = kind == ParameterKind::invbool_;
        for (const char* const yes : {"y", "Y", "yes", "1", "1xyz", "t", "True", "TRUE", "on", "On", "ON"}) {
            bool value = inverted;
            EXPECT_TRUE(store_value(kind, &value, yes)) << yes;
            EXPECT_EQ(value, !inverted) << yes;
        }
        for (const char* const no : {"n", "N", "no", "0", "0x1", "f", "False", "FALSE", "off", "Of", "OFF"}) {
            bool value = !inverted;
            EXPECT_TRUE(store_value(kind, &value, no)) << no;
            EXPECT_EQ(value, inverted) << no;
        }
        for (const char* const neither : {"", "o", "O", "ox", "2", "-1", "ja", " y", "\n"})
            for (const bool before : {false, true}) {
                bool value = before;
                EXPECT_EQ(store_value(kind, &value, neither).error(), Errno::inval) << neither;
                EXPECT_EQ(value, before) << neither;
            }
    }
}

template <typename T>
void expect_limits(ParameterKind kind, const char* lowest, const char* below, const char* highest, const char* above)
{
    T value = 1;
    EXPECT_TRUE(store_value(kind, &value, lowest)) << lowest;
    EXPECT_EQ(value, std::numeric_limits<T>::min());
    EXPECT_TRUE(store_value(kind, &value, highest)) << highest;
    EXPECT_EQ(value, std::numeric_limits<T>::max());
    EXPECT_EQ(store_value(kind, &value, below).error(), std::is_signed_v<T> ? Errno::range : Errno::inval) << below;
    EXPECT_EQ(store_value(kind, &value, above).error(), Errno::range) << above;
    EXPECT_EQ(value, std::numeric_limits<T>::max()) << "a refused value changes nothing";
}

TEST(ParameterValue, EveryKindHasItsLimits)
{
    expect_limits<unsigned char>(ParameterKind::byte_, "0", "-1", "255", "256");
    expect_limits<short>(ParameterKind::short_, "-32768", "-32769", "32767", "32768");
    expect_limits<unsigned short>(ParameterKind::ushort_, "0", "-1", "65535", "65536");
    expect_limits<int>(ParameterKind::int_, "-2147483648", "-2147483649", "2147483647", "2147483648");
    expect_limits<unsigned>(ParameterKind::uint_, "0", "-1", "4294967295", "0x100000000");
    expect_limits<unsigned>(ParameterKind::hexint_, "0", "-1", "0xffffffff", "0x100000000");
    expect_limits<long>(ParameterKind::long_, "-9223372036854775808", "-9223372036854775809", "9223372036854775807", "9223372036854775808");
    expect_limits<unsigned long>(ParameterKind::ulong_, "0", "-1", "18446744073709551615", "18446744073709551616");
    expect_limits<unsigned long long>(ParameterKind::ullong_, "0", "-1", "0xffffffffffffffff", "0x10000000000000000");
}

TEST(ParameterValue, BasesAndSigns)
{
    int value = 0;
    EXPECT_TRUE(store_value(ParameterKind::int_, &value, "-0x10"));
    EXPECT_EQ(value, -16);
    EXPECT_TRUE(store_value(ParameterKind::int_, &value, "+017"));
    EXPECT_EQ(value, 15);
    for (const char* const bad : {"", "-", "+", "0x", "08", "1 ", " 1", "1,2", "--1", "0x-1", "1e3"})
        EXPECT_EQ(store_value(ParameterKind::int_, &value, bad).error(), Errno::inval) << bad;
    EXPECT_EQ(value, 15);
}

}  // namespace
}  // namespace tenon::modreg
