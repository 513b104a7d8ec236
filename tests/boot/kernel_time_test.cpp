#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// No call holds a CPU for more than five million instructions: tests/boot/programs/long_calls.cpp and crowds.cpp say which were tried.
class KernelTime : public BootedSystem<KernelTime>, public testing::WithParamInterface<const char*> {
public:
    static MachineOptions options() { return direct_boot({"--smp", "1", "--icount"}); }
};

TEST_P(KernelTime, IsBounded)
{
    const auto result = machine().run(std::string("/tests/long_calls ") + GetParam(), Seconds(300));
    EXPECT_EQ(result.status, 0) << result.output;
    if (result.status == 0)
        std::printf("%s", result.output.c_str());
}

TEST_F(KernelTime, IsBoundedForManyProcesses)
{
    for (const std::string deed : {"crowds", "timers"}) {
        const auto result = machine().run("/tests/crowds " + deed, Seconds(300));
        EXPECT_EQ(result.status, 0) << result.output;
    }
}

TEST_F(KernelTime, IsBoundedForManyThreads)
{
    const auto result = machine().run("/tests/crowds threads", Seconds(300));
    EXPECT_EQ(result.status, 0) << result.output;
}

TEST_F(KernelTime, IsBoundedForMuchResidentMemory)
{
    output_of("insmod /tests/modules/waiting.ko");
    const auto result = machine().run("/tests/long_calls residence", Seconds(300));
    EXPECT_EQ(result.status, 0) << result.output;
    output_of("rmmod waiting");
}

// Files made so that a careless loader works on them for minutes: the cost is linear in their size (tests/boot/programs/module_costs.cpp).
TEST_F(KernelTime, IsLinearInTheSizeOfCraftedModules)
{
    for (const std::string deed : {"addends", "shared-name", "long-name", "headers", "section-names", "colliding-exports", "compact", "parameters",
                                   "modinfo"}) {
        const auto result = machine().run("/tests/module_costs " + deed, Seconds(300));
        EXPECT_EQ(result.status, 0) << result.output;
    }
}

// More relocations, text and data than the heap has in one piece.
TEST_F(KernelTime, IsBoundedForLargeModules)
{
    const auto result = machine().run("/tests/module_costs large", Seconds(300));
    EXPECT_EQ(result.status, 0) << result.output;
}

INSTANTIATE_TEST_SUITE_P(Calls, KernelTime,
                         testing::Values("vectors", "streams", "texts", "mounts", "locks", "module-texts", "maps", "memory", "files", "pipes", "folders",
                                         "paths", "depth", "many", "modules"));

}  // namespace
}  // namespace tenon::boot
