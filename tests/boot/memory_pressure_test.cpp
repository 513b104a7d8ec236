#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// An ordinary user takes all memory that he can get, in every form in which he can get it: root goes on working, none of root's
// processes ends, and everything is given back. `make memory-pressure` runs each form three times, and longer.
class MemoryPressure : public BootedSystem<MemoryPressure>, public testing::WithParamInterface<const char*> {
public:
    static MachineOptions options() { return direct_boot({"--memory", "128"}); }

protected:
    static long number_after(const std::string& output, const std::string& text)
    {
        const auto at = output.find(text);
        return at == std::string::npos ? -1 : std::stol(output.substr(at + text.size()));
    }
    static bool at_length() { return std::getenv("TENON_MEMORY_PRESSURE") != nullptr; }
};

TEST_P(MemoryPressure, LeavesRootAlone)
{
    constexpr long longest_wait = 2000;   // ms; on a host that has little time for the machine, so many times the usual round
    const int rounds = at_length() ? 3 : 1;
    const std::string seconds = at_length() ? "10" : "1";
    output_of("mount -t tmpfs hogs /mnt && chmod 1777 /mnt && /tests/memory_hogs signals 0 /mnt && umount /mnt");
    const long before = settled_free_memory(machine());
    for (int round = 0; round < rounds; ++round) {
        output_of("mount -t tmpfs hogs /mnt && chmod 1777 /mnt");
        const auto result = machine().run("/tests/memory_hogs " + std::string(GetParam()) + " " + seconds + " /mnt", Seconds(300));
        EXPECT_EQ(result.status, 0) << result.output;
        EXPECT_LE(number_after(result.output, "longest round: "),
                  std::max(longest_wait, 50 * number_after(result.output, "all is quiet ")))
            << result.output;
        std::printf("%s: %s\n", GetParam(), result.output.c_str());
        output_of("umount /mnt");
        EXPECT_GE(settled_free_memory(machine()) + tolerated_loss, before) << "KiB free after " << GetParam();
        EXPECT_EQ(output_of("echo $((6 * 7))"), "42");
    }
}

INSTANTIATE_TEST_SUITE_P(Forms, MemoryPressure,
                         testing::Values("private", "shared", "pipes", "files", "sparse-files", "regions", "page-tables",
                                         "signals", "texts", "calls", "locks", "fork-bomb", "unmapped-parts", "links",
                                         "long-targets", "empty-files", "timers"));

}  // namespace
}  // namespace tenon::boot
