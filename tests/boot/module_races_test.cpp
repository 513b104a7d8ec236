#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// tests/boot/programs/module_races.cpp loads, removes and reads on all processors at once: nothing may stop the kernel or stay.
class ModuleRaces : public BootedSystem<ModuleRaces> {
public:
    // Little memory, so that it is gone soon.
    static MachineOptions options() { return direct_boot({"--memory", "128"}); }

protected:
    void race(const std::string& deed, const std::string& by = "module_races")
    {
        const auto result = machine().run("/tests/" + by + " " + deed, Seconds(120));
        EXPECT_EQ(result.status, 0) << result.output;
        EXPECT_EQ(output_of("cat /proc/modules"), "");
    }
};

TEST_F(ModuleRaces, RemovalFollowsLoad) { race("removal-follows-load"); }
TEST_F(ModuleRaces, UsersReadParameters) { race("users-read-parameters", "module_bystanders"); }
TEST_F(ModuleRaces, IdleReadersAndSpinners) { race("idle-readers", "module_bystanders"); }
TEST_F(ModuleRaces, TheImageChanges) { race("image-changes", "module_bystanders"); }
TEST_F(ModuleRaces, OddValuesOfParameters) { race("odd-values", "module_parameters"); }
TEST_F(ModuleRaces, WritersOfParametersAndRemovals) { race("writers-and-removals", "module_parameters"); }
TEST_F(ModuleRaces, TheDeviceGoes) { race("device-goes"); }
TEST_F(ModuleRaces, ReadersAndRemovals) { race("readers-and-removals"); }

// Twice, so that what stays with the heap is there already the second time.
TEST_F(ModuleRaces, MemoryIsGone)
{
    race("memory-is-gone");
    const long before = settled_free_memory(machine());
    race("memory-is-gone");
    EXPECT_GT(settled_free_memory(machine()), before - 64);
}

}  // namespace
}  // namespace tenon::boot
