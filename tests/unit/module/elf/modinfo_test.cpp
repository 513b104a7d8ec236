#include "module/elf/modinfo.h"

#include <gtest/gtest.h>

namespace tenon::elf {
namespace {

std::string joined(std::string_view section)
{
    std::string text;
    for (const Modinfo::Entry& entry : Modinfo(std::span(section.data(), section.size())))
        text += std::string(entry.key) + ":" + std::string(entry.value) + ";";
    return text;
}

TEST(Modinfo, Entries)
{
    EXPECT_EQ(joined({"name=a\0depends=\0parm=x:=y\0", 26}), "name:a;depends:;parm:x:=y;");
    EXPECT_EQ(joined(""), "");
    EXPECT_EQ(joined({"\0\0\0", 3}), "");
    EXPECT_EQ(joined({"\0a=1\0\0\0b=2\0\0", 13}), "a:1;b:2;");
    EXPECT_EQ(joined("unterminated=1"), "unterminated:1;");
    EXPECT_EQ(joined({"noequals\0=v\0", 12}), "noequals:;:v;");
}

TEST(Modinfo, FindsTheFirst)
{
    const std::string_view section("alias=a\0alias=b\0", 16);
    const Modinfo modinfo(std::span(section.data(), section.size()));
    EXPECT_EQ(modinfo.find("alias"), "a");
    EXPECT_EQ(modinfo.find("name"), std::nullopt);
    EXPECT_EQ(Modinfo().find("name"), std::nullopt);
}

}  // namespace
}  // namespace tenon::elf
