#include "tests/boot/driver/system.h"

#include <set>

namespace tenon::boot {
namespace {

// Modules in the near window and out of direct-branch reach. The kernel itself walks its page tables after each step of a
// load (module_check) and stops when code or constant data can be written through any mapping but an open window.
class ModuleWindows : public testing::TestWithParam<const char*> {
protected:
    // Each start has its own.
    static void expect_random_place(const std::string& windows)
    {
        static std::set<std::string> places;
        ASSERT_EQ(windows.size(), 2u + 16u) << windows;
        EXPECT_GE(windows, "0xffffa00000000000");
        EXPECT_LT(windows, "0xffffe00000000000");
        EXPECT_TRUE(places.insert(windows).second) << windows << " again";
    }
};

TEST_P(ModuleWindows, NoAliasOfModuleMemoryIsWritable)
{
    const std::string log_name = std::string("ModuleWindows.") + (*GetParam() == '\0' ? "near" : "far");
    Machine machine(direct_boot({"--append", std::string("module_check ") + GetParam()}), log_name);
    machine.wait_for_shell();
    EXPECT_NE(machine.output_of("cat /proc/cmdline").find("module_check"), std::string::npos);
    machine.output_of("insmod /tests/modules/crc16.ko && insmod /tests/modules/needs_crc16.ko");
    EXPECT_EQ(machine.output_of("dmesg | grep -c 'crc16 of 123456789 is 0xbb3d'"), "1");
    expect_random_place(machine.output_of("dmesg | sed -n 's/.*through windows from \\(0x[0-9a-f]*\\) on.*/\\1/p'"));
    const std::string place = machine.output_of("sed -n 's/^crc16 .* \\(0x[0-9a-f]*\\).*/\\1/p' /proc/modules");
    EXPECT_EQ(place.starts_with(*GetParam() == '\0' ? "0xffffffff81" : "0xffffffff4"), true) << place;
    machine.output_of("insmod /tests/modules/hello.ko && rmmod hello needs_crc16 crc16");
    machine.power_off();
}

INSTANTIATE_TEST_SUITE_P(Both, ModuleWindows, testing::Values("", "module_far=1"),
                         [](const auto& tested) { return *tested.param == '\0' ? "near" : "far"; });

}  // namespace
}  // namespace tenon::boot
