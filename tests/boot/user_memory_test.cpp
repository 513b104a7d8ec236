#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// How the kernel reads and writes the memory of programs: tests/boot/programs/user_pointers.cpp and user_memory.cpp.
template <typename Suite>
class UserMemorySuite : public BootedSystem<Suite> {
protected:
    void expect_deed(const std::string& command)
    {
        const auto result = this->machine().run("modprobe virtio_blk; " + command, Seconds(300));
        EXPECT_EQ(result.status, 0) << result.output;
    }
};

class UserMemory : public UserMemorySuite<UserMemory> {
public:
    static MachineOptions options() { return direct_boot({"--disk", "build/test/disk.ext2"}); }
};

// The newest processor that QEMU has: privileged access never (PAN), E0PD, branch targets.
class UserMemoryNewest : public UserMemorySuite<UserMemoryNewest> {
public:
    static MachineOptions options() { return direct_boot({"--cpu", "max", "--disk", "build/test/disk.ext2"}); }
};

TEST_F(UserMemory, KernelPointersAreRefusedToRoot) { expect_deed("/tests/user_pointers as-root"); }
TEST_F(UserMemory, KernelPointersAreRefusedToUsers) { expect_deed("/tests/user_pointers as-user"); }
TEST_F(UserMemory, EveryCallIsInTheTableOfPointers) { expect_deed("/tests/user_pointers completeness"); }
TEST_F(UserMemory, EveryRequestIsInTheTableOfPointers) { expect_deed("/tests/user_pointers requests"); }
TEST_F(UserMemoryNewest, KernelPointersAreRefused) { expect_deed("/tests/user_pointers all"); }

TEST_F(UserMemory, NamesThatChangeWhileTheyAreRead) { expect_deed("/tests/user_strings changing-names"); }
TEST_F(UserMemory, TextsThatChangeWhileTheyAreRead) { expect_deed("/tests/user_strings changing-texts"); }
TEST_F(UserMemory, ArgumentsThatChangeWhileTheyAreRead) { expect_deed("/tests/user_strings changing-arguments"); }
TEST_F(UserMemory, NamesOfFilesThatChangeWhileTheyAreRead) { expect_deed("/tests/user_strings changing-names-of-files"); }
TEST_F(UserMemory, MountsThatChangeWhileTheyAreRead) { expect_deed("/tests/user_strings changing-mounts"); }
TEST_F(UserMemory, ModulesThatChangeWhileTheyAreRead) { expect_deed("/tests/user_strings changing-modules"); }
TEST_F(UserMemory, LimitsOfStrings) { expect_deed("/tests/user_strings limits"); }
TEST_F(UserMemory, AnswersHoldNothingElse) { expect_deed("/tests/user_memory answers"); }
TEST_F(UserMemory, SignalFramesHoldNothingElse) { expect_deed("/tests/user_memory signal-frames"); }
TEST_F(UserMemory, PipesAreCounted) { expect_deed("/tests/user_memory pipe-numbers"); }
TEST_F(UserMemory, AddressesAreHidden)
{
    output_of("insmod /tests/modules/hello.ko");
    expect_deed("/tests/hidden_addresses all");
    output_of("rmmod hello");
}
TEST_F(UserMemory, FpRegistersAreKept) { expect_deed("/tests/user_memory fp-registers"); }
TEST_F(UserMemoryNewest, Strings) { expect_deed("/tests/user_strings all"); }
TEST_F(UserMemoryNewest, InstructionsOfTheKernel) { expect_deed("/tests/hostile bad-instructions"); }
TEST_F(UserMemoryNewest, Everything) { expect_deed("/tests/user_memory all"); }

// The kernel may touch user memory in its copies alone.
TEST(UserMemoryTouched, OutsideTheCopiesStopsTheKernel)
{
    Machine machine(direct_boot({"--cpu", "max"}), "UserMemoryTouched");
    machine.wait_for_shell();
    machine.output_of("insmod /tests/modules/guarded.ko");
    // What the shell has mapped first; with a guard of the kernel's own kind it is refused.
    machine.output_of("read first < /proc/$$/maps; first=0x${first%%-*}; ! echo $first > /sys/module/guarded/parameters/load");
    machine.send("echo $first > /sys/module/guarded/parameters/unguarded\n");
    machine.expect("Kernel panic: user memory touched outside the copies");
    machine.wait_for_end();
}

}  // namespace
}  // namespace tenon::boot
