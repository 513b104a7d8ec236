#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// The file calls as Linux documents them, checked from inside by the programs below tests/boot/programs.
class FileCalls : public BootedSystem<FileCalls>, public testing::WithParamInterface<const char*> {};

TEST_P(FileCalls, Holds)
{
    const auto result = machine().run(std::string("/tests/") + GetParam(), Seconds(120));
    EXPECT_EQ(result.status, 0) << result.output;
}

INSTANTIATE_TEST_SUITE_P(Locks, FileCalls,
                         testing::Values("locks records",
                                         "locks wrong-records",
                                         "locks closing",
                                         "locks descriptions",
                                         "locks whole-files",
                                         "locks waiting",
                                         "locks deadlock",
                                         "locks contention"));
INSTANTIATE_TEST_SUITE_P(Names, FileCalls,
                         testing::Values("name_rules wrong-requests",
                                         "name_rules beneath",
                                         "name_rules in-root",
                                         "name_rules links",
                                         "name_rules one-mount",
                                         "name_rules places",
                                         "name_rules soft-links",
                                         "name_rules hard-links",
                                         "name_rules opened-for-making",
                                         "name_rules made-meanwhile",
                                         "name_rules execute-at",
                                         "name_rules scripts-at"));
INSTANTIATE_TEST_SUITE_P(WithoutMemory,
                         FileCalls,
                         testing::Values("allocation_failures names",
                                         "allocation_failures descriptors",
                                         "allocation_failures rights",
                                         "failing_calls loads",
                                         "failing_calls mounts",
                                         "failing_calls opens",
                                         "failing_calls forks",
                                         "failing_calls executions"));
INSTANTIATE_TEST_SUITE_P(Pipes, FileCalls,
                         testing::Values("pipes sizes",
                                         "pipes contents",
                                         "pipes waiting",
                                         "pipes limits",
                                         "pipes attributes",
                                         "pipes opened-again",
                                         "pipes rights"));
INSTANTIATE_TEST_SUITE_P(Calls, FileCalls,
                         testing::Values("file_calls path-descriptors",
                                         "file_calls open-flags",
                                         "file_calls unnamed-files",
                                         "file_calls renames",
                                         "file_calls sizes",
                                         "file_calls size-limit",
                                         "file_calls descriptors",
                                         "file_calls at-flags",
                                         "file_calls copies",
                                         "file_calls appending",
                                         "file_calls vector-flags",
                                         "file_calls mappings"));

}  // namespace
}  // namespace tenon::boot
