#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// What programs rely on, checked from inside by tests/boot/programs/memory.cpp, signals.cpp and processes.cpp.
class Process : public BootedSystem<Process>, public testing::WithParamInterface<const char*> {};

TEST_P(Process, Holds)
{
    const auto result = machine().run(std::string("/tests/") + GetParam(), Seconds(120));
    EXPECT_EQ(result.status, 0) << result.output;
}

INSTANTIATE_TEST_SUITE_P(Memory, Process,
                         testing::Values("memory copy-on-write",
                                         "memory shared-memory",
                                         "memory file-mappings",
                                         "memory protections",
                                         "memory break-and-remap",
                                         "memory copies",
                                         "memory limits"));
INSTANTIATE_TEST_SUITE_P(Signals, Process,
                         testing::Values("signals masks",
                                         "signals queued-signals",
                                         "signals restarts",
                                         "signals alternate-stack",
                                         "signals interval-timer",
                                         "signals vector-registers"));
INSTANTIATE_TEST_SUITE_P(Processes, Process,
                         testing::Values("processes waiting",
                                         "processes orphans",
                                         "processes groups-and-sessions",
                                         "processes programs",
                                         "processes spawning",
                                         "processes futexes"));

}  // namespace
}  // namespace tenon::boot
