#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// What programs with threads rely on, checked from inside by tests/boot/programs/threads.cpp, thread_locks.cpp and thread_signals.cpp.
class Threads : public BootedSystem<Threads>, public testing::WithParamInterface<const char*> {};

TEST_P(Threads, Hold)
{
    const auto result = machine().run(std::string("/tests/") + GetParam(), Seconds(180));
    EXPECT_EQ(result.status, 0) << result.output;
}

INSTANTIATE_TEST_SUITE_P(Lives, Threads,
                         testing::Values("threads create-and-join",
                                         "threads identity",
                                         "threads flags",
                                         "threads shared-directories",
                                         "threads dead-leader",
                                         "threads execute-from-thread",
                                         "threads shared-descriptors",
                                         "threads fork-from-threads",
                                         "threads times-and-limits",
                                         "threads parents",
                                         "threads thread-limit"));
INSTANTIATE_TEST_SUITE_P(Locks, Threads,
                         testing::Values("thread_locks locks",
                                         "thread_locks robust-locks",
                                         "thread_locks cancellation",
                                         "thread_locks futex-operations",
                                         "thread_locks futex-keys",
                                         "thread_locks memory-changes",
                                         "thread_locks descriptor-races"));
INSTANTIATE_TEST_SUITE_P(Signals, Threads,
                         testing::Values("thread_signals directed",
                                         "thread_signals retargeted",
                                         "thread_signals waited",
                                         "thread_signals left",
                                         "thread_signals stop-and-continue",
                                         "thread_signals ends"));

}  // namespace
}  // namespace tenon::boot
