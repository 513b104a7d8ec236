#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// Nothing that a user program does stops the kernel: tests/boot/programs/hostile.cpp is killed or refused, and the shell
// still answers.
class Hostile : public BootedSystem<Hostile> {
public:
    // Little memory, so that it is gone soon.
    static MachineOptions options() { return direct_boot({"--memory", "128"}); }

protected:
    void do_and_answer(const std::string& deed)
    {
        const auto result = machine().run("/tests/hostile " + deed, Seconds(300));
        EXPECT_EQ(result.status, 0) << result.output;
        EXPECT_EQ(output_of("echo $((6 * 7)); ls / | grep -c tests"), "42\n1");
    }
};

TEST_F(Hostile, BadPointersToEverySystemCall) { do_and_answer("bad-pointers"); }
TEST_F(Hostile, WildJumps) { do_and_answer("wild-jumps"); }
TEST_F(Hostile, WildAccesses) { do_and_answer("wild-accesses"); }
TEST_F(Hostile, BadInstructions) { do_and_answer("bad-instructions"); }
TEST_F(Hostile, StackOverflow) { do_and_answer("stack-overflow"); }
TEST_F(Hostile, MemoryUntilItIsGone) { do_and_answer("memory-eater"); }
TEST_F(Hostile, ForkUntilItIsRefused) { do_and_answer("fork-bomb"); }

TEST_F(Hostile, TheLedgerTellsWhoHoldsWhat)
{
    EXPECT_EQ(output_of("head -n 1 /proc/ledger | cut -d' ' -f1-3"), "user anonymous shared_memory");
    // Of root: pages of programs, page tables, kernel stacks.
    EXPECT_EQ(output_of("awk '$1 == \"0\" { print ($2 > 100000 && $5 > 10000 && $17 >= 32768) }' /proc/ledger"), "1");
}

TEST_F(Hostile, WhatIsKeptForAUserIsBookedLimitedAndGivenBack)
{
    output_of("chmod 1777 /tmp");
    const auto result = machine().run("/tests/bookings", Seconds(300));
    EXPECT_EQ(result.status, 0) << result.output;
}

// The seed is in the output of a run that fails.
TEST_F(Hostile, RandomSystemCalls)
{
    const auto result = machine().run("/tests/random_calls 10", Seconds(300));
    EXPECT_EQ(result.status, 0) << result.output;
    EXPECT_EQ(output_of("echo $((6 * 7)); ls / | grep -c tests"), "42\n1");
}

// What a user calls at random may end his own processes, and nobody else's: root's shell stays. The program's children must not
// have the terminal; root's random calls may have taken /dev/null from the others.
TEST_F(Hostile, RandomSystemCallsOfAUser)
{
    output_of("chmod 666 /dev/null");
    const auto result = machine().run("/users/su user -c '/tests/random_calls 10'", Seconds(300));
    EXPECT_NE(result.output.find("seed"), std::string::npos) << result.output;
    EXPECT_EQ(output_of("echo $((6 * 7)); ls / | grep -c tests; id -u"), "42\n1\n0") << result.output;
}

}  // namespace
}  // namespace tenon::boot
