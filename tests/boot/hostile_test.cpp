#include <chrono>
#include <cstdlib>

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

// What a user calls at random may end his own processes, and nobody else's: root's shell answers all the while, and memory is as before
// at the end. Root's random calls may have taken /dev/null from the others. `make random-calls SECONDS=600` does it at length.
TEST_F(Hostile, RandomSystemCallsOfAUser)
{
    const char* const at_length = std::getenv("TENON_RANDOM_SECONDS");
    const std::string seconds = at_length != nullptr ? at_length : "10";
    const std::string room = "mount -t tmpfs random /mnt && chmod 1777 /mnt && cd /mnt";
    output_of("chmod 666 /dev/null; " + room + "; /tests/random_calls 1 1 1000; cd /; umount /mnt");
    const long before = settled_free_memory(machine());
    output_of(room + "; (/tests/random_calls " + seconds + " 0 1000 > /run/random_calls 2>&1; echo ended $? >> /run/random_calls) & true");
    int answers = 0;
    for (bool ended = false; !ended; ++answers) {
        const auto begin = std::chrono::steady_clock::now();
        ended = output_of("sleep 1; tail -n 1 /run/random_calls").starts_with("ended");
        EXPECT_LE(std::chrono::steady_clock::now() - begin, Seconds(20));
    }
    EXPECT_GE(answers, std::atoi(seconds.c_str()) / 4);
    EXPECT_EQ(output_of("tail -n 1 /run/random_calls; id -u"), "ended 0\n0") << output_of("cat /run/random_calls");
    EXPECT_EQ(output_of("sleep 1; cd /; umount /mnt; ps | awk '$2 == \"user\"' | wc -l"), "0");
    EXPECT_GE(settled_free_memory(machine()) + tolerated_loss, before) << output_of("cat /run/random_calls");
}

}  // namespace
}  // namespace tenon::boot
