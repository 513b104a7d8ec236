#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// Loading and unloading over and over, alone and on several CPUs at once, costs no memory.
class ModuleRounds : public BootedSystem<ModuleRounds> {
protected:
    long free_memory()
    {
        return std::stol(output_of("sleep 0.2; sed -n 's/^MemFree: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo"));
    }

    // Free memory is the same before and after `count` rounds. A page more or less may stay with the heap, depending on
    // what else lives in it, so one of several tries must agree; whatever a round loses would show in each of them.
    void expect_steady(int count, const std::string& body)
    {
        rounds(count / 10, body);
        long before = free_memory();
        for (int attempt = 0; attempt < 4; ++attempt) {
            rounds(count, body);
            const long after = free_memory();
            if (after == before)
                return;
            before = after;
        }
        ADD_FAILURE() << "free memory is " << before << " KiB and changes with every " << count << " rounds";
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
    expect_steady(200, body);
}

TEST_F(ModuleRounds, FailingLoadsLeaveTheFreeMemoryAsItWas)
{
    const std::string body = "! insmod /tests/modules/unknown_symbol.ko 2>/dev/null && "
                             "! insmod /tests/modules/failing_constructor.ko 2>/dev/null";
    expect_steady(50, body);
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
