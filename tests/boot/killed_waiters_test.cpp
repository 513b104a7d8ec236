#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// A process that is killed is gone soon, wherever it is in the kernel (tests/boot/programs/killed_waiters.cpp, killed_sleepers.cpp), and the others go on
// meanwhile.
class KilledWaiters : public BootedSystem<KilledWaiters> {
protected:
    void expect_gone(const std::string& deed, const std::string& program = "killed_waiters")
    {
        const auto result = machine().run("/tests/" + program + " " + deed, Seconds(180));
        EXPECT_EQ(result.status, 0) << result.output;
    }
};

TEST_F(KilledWaiters, WritingMuch) { expect_gone("writing"); }
TEST_F(KilledWaiters, ReadingMuch) { expect_gone("reading"); }
TEST_F(KilledWaiters, StoppedTerminal) { expect_gone("terminal-output"); }
TEST_F(KilledWaiters, StoppingATerminalNeedsARight) { expect_gone("terminal-right"); }
TEST_F(KilledWaiters, LogReaders) { expect_gone("log-readers"); }
TEST_F(KilledWaiters, VforksParent) { expect_gone("vfork-parent"); }
TEST_F(KilledWaiters, Pipes) { expect_gone("pipes"); }
TEST_F(KilledWaiters, HandledSignals) { expect_gone("handled-signals"); }
TEST_F(KilledWaiters, OtherSignals) { expect_gone("other-signals"); }
TEST_F(KilledWaiters, ManyArguments) { expect_gone("many-arguments"); }

TEST_F(KilledWaiters, Sleepers) { expect_gone("sleepers", "killed_sleepers"); }
TEST_F(KilledWaiters, Locks) { expect_gone("locks", "killed_sleepers"); }
TEST_F(KilledWaiters, WritersToTheSameFile) { expect_gone("same-file", "killed_sleepers"); }
TEST_F(KilledWaiters, UsersOfTheSameMemory) { expect_gone("same-memory", "killed_sleepers"); }

TEST_F(KilledWaiters, UsersOfAMemoryOfManyRegions) { expect_gone("many-regions", "killed_sleepers"); }
TEST_F(KilledWaiters, UsersOfAFileThatIsCut) { expect_gone("cut-file", "killed_sleepers"); }

TEST_F(KilledWaiters, BehindADisk)
{
    output_of("insmod /tests/modules/waiting.ko; modprobe ext2; blockdev --flushbufs /dev/waitingdisk");
    expect_gone("disks", "killed_sleepers");
    output_of("rmmod waiting; modprobe -r ext2");
}

TEST_F(KilledWaiters, BehindADirectory)
{
    output_of("insmod /tests/modules/waiting.ko");
    expect_gone("names", "killed_sleepers");
    output_of("rmmod waiting");
}

TEST_F(KilledWaiters, NobodyWaitsForTheLastCloseOfWhatIsUnmapped)
{
    output_of("insmod /tests/modules/waiting.ko");
    expect_gone("closing", "killed_sleepers");
    output_of("rmmod waiting");
}

TEST_F(KilledWaiters, ReadersIntoMemoryOfADisk)
{
    output_of("insmod /tests/modules/waiting.ko; blockdev --flushbufs /dev/waitingdisk");
    expect_gone("log-readers", "killed_sleepers");
    output_of("rmmod waiting");
}

TEST_F(KilledWaiters, BehindADriversRead)
{
    output_of("insmod /tests/modules/waiting.ko");
    expect_gone("positions");
    output_of("rmmod waiting");
}

// The init of a module fails while its device is open: who loads it can be killed, and the last close takes the module out.
TEST_F(KilledWaiters, AfterAFailedInit)
{
    output_of("(insmod /tests/modules/waiting.ko fail_when_open=1 & echo $! > /tmp/loader; wait) > /dev/null 2>&1 & "
              "until [ -e /dev/waiting ]; do sleep 0.1; done");
    expect_gone("failed-init");
    EXPECT_EQ(output_of("for n in $(seq 50); do grep -q waiting /proc/modules || { echo gone; break; }; sleep 0.1; done"), "gone");
    output_of("insmod /tests/modules/waiting.ko && rmmod waiting");
}

TEST_F(KilledWaiters, BehindALookAtAParameter)
{
    output_of("insmod /tests/modules/waiting.ko");
    expect_gone("visited");
    output_of("insmod /tests/modules/waiting.ko && rmmod waiting");
}

TEST_F(KilledWaiters, InAWaitingExit)
{
    output_of("insmod /tests/modules/waiting.ko slow_exit=1");
    expect_gone("removal");
    output_of("insmod /tests/modules/waiting.ko && rmmod waiting");
}

// One per CPU: who shares it with them gets his turn, and a removal ends.
TEST_F(KilledWaiters, BusyCallersStopNobody)
{
    output_of("for n in 1 2 3 4; do /tests/killed_waiters busy > /dev/null & done; sleep 1");
    EXPECT_EQ(machine().run("insmod /tests/modules/hello.ko && rmmod hello && echo gone", Seconds(60)).output.substr(0, 5), "gone\n");
    output_of("killall -KILL killed_waiters; wait");
    EXPECT_EQ(output_of("for n in $(seq 50); do ps | grep -q '[k]illed_waiters' || { echo none; break; }; sleep 0.1; done"), "none");
}

}  // namespace
}  // namespace tenon::boot
