#include <set>

#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

constexpr const char* auxiliary = "/tests/random_values auxiliary";
constexpr const char* device = "od -A n -t x1 -N 16 /dev/urandom";

// Nothing repeats, neither in one boot nor in the next.
TEST(Random, DiffersFromExecToExecAndFromBootToBoot)
{
    std::set<std::string> seen;
    for (const char* log_name : {"Random.first", "Random.second"}) {
        Machine machine(direct_boot(), log_name);
        machine.wait_for_shell();
        for (const char* source : {auxiliary, auxiliary, device, device})
            EXPECT_TRUE(seen.insert(machine.output_of(source)).second) << "the same bytes twice from " << source;
        EXPECT_EQ(machine.output_of("/tests/random_values 0 1 2 3 4 5"), "16\n16\n16\n16\n16\n16") << "seeded by the device tree";
        EXPECT_EQ(machine.output_of("/tests/random_values 6 8"), "EINVAL\nEINVAL");
    }
}

// Without a seed nobody is given guessable bytes who did not ask for them.
TEST(Random, WaitsUntilItIsReady)
{
    Machine machine(direct_boot({"--extra", "-machine", "--extra", "dtb-randomness=off"}), "Random.unseeded");
    machine.wait_for_shell();
    EXPECT_EQ(machine.output_of("/tests/random_values 1 3 device 4 5"), "EAGAIN\nEAGAIN\nEAGAIN\n16\n16");
    EXPECT_EQ(machine.output_of("head -c 16 /dev/urandom | wc -c"), "16");
    EXPECT_EQ(machine.output_of("/tests/random_values 0 1 2"), "16\n16\n16") << "the first waits, the others need not";
    EXPECT_EQ(machine.output_of("head -c 16 /dev/random | wc -c"), "16");
}

}  // namespace
}  // namespace tenon::boot
