#include <gtest/gtest.h>

#include "tools/lib/kernel_modules.h"

namespace tenon::tools {
namespace {

TEST(LoadedModules, ReadsEachForm)
{
    const auto modules = parse_loaded_modules("crc16 16384 2 ext4,jbd2, Live 0xffff800000a00000\n"
                                              "ext4 901120 1 - Live 0x0000000000000000 (OE)\n"
                                              "old 100\n"
                                              "pinned 4096 1 [permanent], Live 0x0\n");
    ASSERT_EQ(modules.size(), 4U);
    EXPECT_EQ(modules[0].users, (std::vector<std::string>{"ext4", "jbd2"}));
    EXPECT_EQ(modules[0].references, 2);
    EXPECT_EQ(modules[1].size, 901120);
    EXPECT_TRUE(modules[1].users.empty());
    EXPECT_EQ(modules[1].state, "Live");
    EXPECT_EQ(modules[2].name, "old");
    EXPECT_TRUE(modules[3].users.empty());
}

// A module that is on its way out while it is listed keeps the values of its line; no second look finds it gone.
TEST(LoadedModules, ModuleThatIsLeavingKeepsItsLine)
{
    const auto modules = parse_loaded_modules("leaving 8192 0 - Unloading 0x0\n");
    ASSERT_EQ(modules.size(), 1U);
    EXPECT_EQ(modules[0].size, 8192);
    EXPECT_EQ(modules[0].references, 0);
    EXPECT_EQ(modules[0].state, "Unloading");
}

TEST(LoadedModules, BadLinesAreReportedAndLeftOut)
{
    testing::internal::CaptureStderr();
    const auto modules = parse_loaded_modules("a 1 0 - Live 0x0\nnonsense\nb x 0\nc 2 0 - Live 0x0\n");
    EXPECT_NE(testing::internal::GetCapturedStderr().find("invalid line format at /proc/modules:2"), std::string::npos);
    ASSERT_EQ(modules.size(), 2U);
    EXPECT_EQ(modules[1].name, "c");
}

}  // namespace
}  // namespace tenon::tools
