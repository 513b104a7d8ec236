#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// What programs rely on, checked from inside by tests/boot/programs/process.cpp.
class Process : public BootedSystem<Process>, public testing::WithParamInterface<const char*> {};

TEST_P(Process, Holds)
{
    const auto result = machine().run(std::string("/tests/process ") + GetParam(), Seconds(120));
    EXPECT_EQ(result.status, 0) << result.output;
}

INSTANTIATE_TEST_SUITE_P(Deeds, Process,
                         testing::Values("copy-on-write", "shared-memory", "file-mappings", "protections", "break-and-remap",
                                         "masks", "queued-signals", "restarts", "alternate-stack", "interval-timer",
                                         "vector-registers", "waiting", "orphans", "groups-and-sessions", "programs",
                                         "spawning", "futexes"));

}  // namespace
}  // namespace tenon::boot
