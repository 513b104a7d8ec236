// The tests are kernel threads of a machine whose CPUs are host threads (tests/core/machine). `core --plant NAME` does one of the things that
// must be reported (tests/core/planted.h).

#include <unistd.h>

#include <cstring>

#include <gtest/gtest.h>

#include "tests/core/machine/boot.h"
#include "tests/core/planted.h"
#include "tests/core/threads.h"

using namespace tenon;

// The first race ends the program, with this status.
extern "C" const char* __tsan_default_options()
{
    return "halt_on_error=1:exitcode=66:history_size=7:atexit_sleep_ms=0:report_thread_leaks=0:detect_deadlocks=0";
}

int main(int argc, char** argv)
{
    // A wake-up that is lost is for ever.
    alarm(120 + 2 * test::seconds_in_all());
    if (argc == 3 && std::strcmp(argv[1], "--plant") == 0)
        machine::boot([](void* name) { return test::plant(static_cast<const char*>(name)); }, argv[2]);
    testing::InitGoogleTest(&argc, argv);
    machine::boot([](void*) { return RUN_ALL_TESTS(); }, nullptr);
}
