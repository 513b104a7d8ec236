#pragma once

// Whether calls hold the CPU longer than the rule says, by /proc/kernel_latency. On a machine with one CPU under -icount a nanosecond is
// an instruction.
#include "tests/boot/programs/deeds.h"

#include <algorithm>
#include <string>

#include <fcntl.h>

namespace deeds {

constexpr long longest = 5'000'000;  // nanoseconds
constexpr long period = 250'000;     // a stay may have begun so long before it was noticed

inline void control(const char* word)
{
    const int file = open("/proc/kernel_latency", O_WRONLY);
    check(file >= 0 && write(file, word, 1) == 1, "measuring is switched");
    close(file);
}

inline std::string found()
{
    std::array<char, 80> text{};
    const int file = open("/proc/kernel_latency", O_RDONLY);
    const ssize_t size = read(file, text.data(), text.size());
    close(file);
    return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

inline void measure(const char* what, const std::function<void()>& calls)
{
    control("1");
    calls();
    const std::string stay = found();
    control("0");
    std::printf("%-40s %s", what, stay.c_str());
    check(std::strtol(stay.c_str(), nullptr, 10) + period <= longest, what);
}

}  // namespace deeds
