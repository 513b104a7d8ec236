#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// Loading and unloading over and over, alone and on several CPUs at once, costs no memory.
class ModuleRounds : public BootedSystem<ModuleRounds> {
protected:
    // Free memory after the system has settled: what is put off is done when two readings agree.
    long free_memory()
    {
        long last = -1;
        for (int reading = 0; reading < 20; ++reading) {
            const long now = std::stol(output_of("sleep 0.2; sed -n 's/^MemFree: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo"));
            if (now == last)
                break;
            last = now;
        }
        return last;
    }

    void rounds(int count, const std::string& body)
    {
        const auto result = machine().run("for i in $(seq " + std::to_string(count) + "); do " + body +
                                              " || { echo round $i; break; }; done",
                                          Seconds(400));
        EXPECT_EQ(result.output, "");
    }
};

TEST_F(ModuleRounds, TwoHundredRoundsLeaveTheFreeMemoryAsItWas)
{
    const std::string body = "insmod /tests/modules/crc16.ko && insmod /tests/modules/needs_crc16.ko && "
                             "insmod $h who=round && rmmod hello needs_crc16 crc16";
    output_of("h=$(find /lib/modules -name hello.ko.zst)");
    rounds(10, body);
    const long before = free_memory();
    rounds(200, body);
    EXPECT_EQ(free_memory(), before);
}

TEST_F(ModuleRounds, FailingLoadsLeaveTheFreeMemoryAsItWas)
{
    const std::string body = "! insmod /tests/modules/unknown_symbol.ko 2>/dev/null && "
                             "! insmod /tests/modules/failing_constructor.ko 2>/dev/null";
    rounds(10, body);
    const long before = free_memory();
    rounds(50, body);
    EXPECT_EQ(free_memory(), before);
}

TEST_F(ModuleRounds, TwoProcessorsLoadDifferentModulesAtOnce)
{
    EXPECT_EQ(output_of("round() { for i in $(seq 50); do insmod /tests/modules/$1.ko && rmmod $1 || echo $1 $i; done; }; "
                        "round hello & a=$!; round crc16 & wait $a; wait; lsmod | grep -c -e '^hello' -e '^crc16' || true"),
              "0");
}

// Of two loads of one name exactly one succeeds, every time.
TEST_F(ModuleRounds, TwoProcessorsLoadTheSameModuleAtOnce)
{
    EXPECT_EQ(output_of("for i in $(seq 50); do "
                        "{ insmod /tests/modules/hello.ko 2>/dev/null && echo won >> /tmp/won; } & "
                        "{ insmod /tests/modules/hello.ko 2>/dev/null && echo won >> /tmp/won; } & "
                        "wait; rmmod hello; done 2>&1; wc -l < /tmp/won"),
              "50");
}

}  // namespace
}  // namespace tenon::boot
