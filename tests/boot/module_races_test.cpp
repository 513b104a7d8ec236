#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// tests/boot/programs/module_races.cpp loads, removes and reads on all processors at once: nothing may stop the kernel or stay.
class ModuleRaces : public BootedSystem<ModuleRaces> {
protected:
    void race(const std::string& deed)
    {
        const auto result = machine().run("/tests/module_races " + deed, Seconds(120));
        EXPECT_EQ(result.status, 0) << result.output;
        EXPECT_EQ(output_of("lsmod | grep -c -e start_heavy -e crc16 || true"), "0");
    }
};

TEST_F(ModuleRaces, RemovalFollowsLoad) { race("removal-follows-load"); }
TEST_F(ModuleRaces, ReadersAndRemovals) { race("readers-and-removals"); }

}  // namespace
}  // namespace tenon::boot
