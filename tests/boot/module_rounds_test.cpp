#include "tests/boot/driver/system.h"

#include <algorithm>
#include <vector>

namespace tenon::boot {
namespace {

// Loading and unloading over and over, alone and on several CPUs at once, costs no memory.
class ModuleRounds : public BootedSystem<ModuleRounds> {
protected:
    // Free memory is the same before and after `count` rounds. A page more or less may stay with the heap for a while, depending
    // on what else lives in it and on which processor, so the level may take a few values in turn: it must come back to one that
    // it had. Whatever a round loses keeps it from that.
    void expect_steady(int count, const std::string& body)
    {
        rounds(count / 10, body);
        std::vector<long> levels{settled_free_memory(machine())};
        for (int attempt = 0; attempt < 8; ++attempt) {
            rounds(count, body);
            const long level = settled_free_memory(machine());
            if (std::find(levels.begin(), levels.end(), level) != levels.end())
                return;
            levels.push_back(level);
        }
        ADD_FAILURE() << "free memory in KiB, with " << count << " rounds between: " << testing::PrintToString(levels);
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
