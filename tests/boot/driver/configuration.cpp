#include "tests/boot/driver/configuration.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

namespace tenon::boot {
namespace {

struct Exception {
    std::string_view tests;  // a pattern of GoogleTest's filters
    std::string_view reason;
};

// What cannot hold on the debug kernel, whose code is several times as long, whose objects have memory around them that stays unused, and
// whose heap gives back late.
constexpr std::array exceptions{
    Exception{"*KernelTime.*", "counts guest instructions"},
    Exception{"ModuleInitMemory.NothingThatOnlyInitNeededStays", "knows how large a module's code is"},
    Exception{"Panic.AnOverrunStackNamesTheFunction", "the overrun is found before the stack's guard word is looked at: DebugKernel.OverflowOfAVariable"},
    Exception{"*/MemoryPressure.LeavesRootAlone/*", "knows how long a round takes, and how much memory comes back at once"},
    Exception{"Matrix/Machines.*", "knows how much memory the kernel leaves"},
    Exception{"CarelessModule.FreesTwice", "the debug heap is asked first and says it in its own words: DebugKernel.WrongFree"},
};

std::string tested_build()
{
    const char* const folder = std::getenv("TENON_BUILD");
    return folder != nullptr ? folder : "build";
}

}  // namespace

bool is_debug_kernel()
{
    return tested_build() == debug_build;
}

bool is_newest_cpu()
{
    const char* const cpu = std::getenv("TENON_CPU");
    return cpu != nullptr && std::string_view(cpu) == "max";
}

std::string kernel_build(std::string_view file)
{
    return tested_build() + "/" + std::string(file);
}

void leave_out_what_does_not_hold()
{
    if (!is_debug_kernel())
        return;
    std::string filter = GTEST_FLAG_GET(filter);
    filter += filter.find('-') == std::string::npos ? "-" : ":";
    for (const Exception& exception : exceptions) {
        std::printf("Not on the debug kernel: %.*s: %.*s\n", static_cast<int>(exception.tests.size()), exception.tests.data(),
                    static_cast<int>(exception.reason.size()), exception.reason.data());
        filter += std::string(exception.tests) + ":";
    }
    GTEST_FLAG_SET(filter, filter);
}

}  // namespace tenon::boot
