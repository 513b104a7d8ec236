#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// What programs rely on, checked from inside by tests/boot/programs/memory.cpp, signals.cpp, processes.cpp,
// scheduling.cpp and timers.cpp.
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
                                         "memory limits",
                                         "memory residence",
                                         "memory locking",
                                         "memory remapping-to-places"));
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
                                         "processes unwanted-orphans",
                                         "processes groups-and-sessions",
                                         "processes programs",
                                         "processes spawning",
                                         "processes names",
                                         "processes death-signals",
                                         "processes exit-signals",
                                         "processes futexes"));
INSTANTIATE_TEST_SUITE_P(Scheduling, Process,
                         testing::Values("scheduling affinity",
                                         "scheduling affinity-under-load",
                                         "scheduling moving-others",
                                         "scheduling shares",
                                         "scheduling nice-values",
                                         "scheduling policies",
                                         "scheduling small-shares",
                                         "scheduling taken-again",
                                         "scheduling borrowed-turns"));
INSTANTIATE_TEST_SUITE_P(Timers, Process,
                         testing::Values("timers signals",
                                         "timers overruns",
                                         "timers ignored",
                                         "timers notices",
                                         "timers processor-time",
                                         "timers limit",
                                         "timers setting-the-clock",
                                         "timers inheritance"));

// busybox's own commands on top of it.
TEST_F(Process, ReniceAndTaskset)
{
    EXPECT_EQ(output_of("sh -c 'busybox renice -n 8 $$ >/dev/null; cut -d\" \" -f 19 /proc/self/stat'"), "8");
    EXPECT_EQ(output_of("busybox taskset 2 sh -c 'busybox taskset -p $$' | sed 's/.*: //'"), "2");
    EXPECT_EQ(output_of("busybox taskset 4 grep Cpus_allowed /proc/self/status"), "Cpus_allowed:\t4\nCpus_allowed_list:\t2");
}

}  // namespace
}  // namespace tenon::boot
