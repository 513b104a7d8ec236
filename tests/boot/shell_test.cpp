#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// The stock busybox shell and its applets.
class Shell : public BootedSystem<Shell> {};

TEST_F(Shell, GivesTheStatusOfCommands)
{
    EXPECT_EQ(run("true").status, 0);
    EXPECT_EQ(run("false").status, 1);
    EXPECT_EQ(run("sh -c 'exit 42'").status, 42);
    EXPECT_EQ(run("/no/such/program").status, 127);
}

TEST_F(Shell, PipesAndRedirections)
{
    EXPECT_EQ(output_of("echo one two | tr a-z A-Z | sed 's/ /-/'"), "ONE-TWO");
    EXPECT_EQ(output_of("seq 1 1000 > /tmp/numbers; wc -l < /tmp/numbers"), "1000");
    EXPECT_EQ(output_of("seq 1 1000 | sort -rn | head -n 1"), "1000");
    EXPECT_EQ(output_of("ls /no/such/file 2>&1 | grep -c 'No such file'"), "1");
}

TEST_F(Shell, FilesAndFolders)
{
    EXPECT_EQ(output_of("mkdir -p /tmp/a/b && echo text > /tmp/a/b/c && mv /tmp/a/b/c /tmp/a/d && cat /tmp/a/d"), "text");
    EXPECT_EQ(output_of("ln -s a/d /tmp/link && readlink /tmp/link && cat /tmp/link"), "a/d\ntext");
    EXPECT_EQ(output_of("find /tmp/a | sort"), "/tmp/a\n/tmp/a/b\n/tmp/a/d");
    EXPECT_EQ(output_of("rm -r /tmp/a /tmp/link && ls /tmp/a 2>&1 | sed 's/.*: //'"), "No such file or directory");
    EXPECT_EQ(output_of("chmod 640 /tmp/numbers; stat -c %a /tmp/numbers"), "640");
}

TEST_F(Shell, DeviceFiles)
{
    EXPECT_EQ(output_of("head -c 4 /dev/zero | od -An -tx1"), " 00 00 00 00");
    EXPECT_EQ(output_of("echo gone > /dev/null; wc -c < /dev/null"), "0");
    EXPECT_EQ(output_of("head -c 16 /dev/random | wc -c"), "16");
}

TEST_F(Shell, ProcessesAreListedAndKilled)
{
    EXPECT_EQ(output_of("sh -c 'sleep 1000 & kill $!; wait $! 2>/dev/null; echo $?' | tail -n 1"), "143");
    EXPECT_NE(output_of("ps").find("init"), std::string::npos);
    EXPECT_EQ(output_of("cat /proc/self/cmdline | tr '\\0' ' '"), "cat /proc/self/cmdline ");
    EXPECT_EQ(output_of("sh -c 'kill -9 $$'; echo $?"), "Killed\n137");
}

TEST_F(Shell, SystemInformation)
{
    EXPECT_EQ(output_of("uname -s -m"), "Tenon aarch64");
    EXPECT_EQ(output_of("nproc"), "4");
    EXPECT_NE(output_of("free").find("Mem:"), std::string::npos);
    EXPECT_NE(output_of("cat /proc/uptime").find('.'), std::string::npos);
    EXPECT_NE(output_of("df").find("Filesystem"), std::string::npos);
    EXPECT_NE(output_of("mount").find("proc on /proc"), std::string::npos);
}

// Dynamically linked programs of the stock distribution, with its own C library.
TEST_F(Shell, DynamicallyLinkedProgramsRun)
{
    EXPECT_EQ(output_of("/stock/bin/dash -c 'echo $((6 * 7))'"), "42");
    EXPECT_EQ(output_of("/stock/bin/ls -1 /stock"), "bin\nsbin\nusr");
    EXPECT_NE(output_of("/stock/bin/kmod --version").find("kmod version 30"), std::string::npos);
}

TEST_F(Shell, PowersOff)
{
    machine().power_off();
}

}  // namespace
}  // namespace tenon::boot
