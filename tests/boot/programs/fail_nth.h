#pragma once

// Calls that are made again and again, while the first, the second, the third allocation in them fails, until they come through.

#include <functional>
#include <string>

#include <fcntl.h>

#include "tests/boot/programs/deeds.h"

namespace deeds {

inline int failures_in_all = 0;

// Which of the next allocations of this thread fails: /proc/thread-self/fail-nth.
class Failing {
public:
    Failing() = default;
    ~Failing() { close(file_); }
    Failing(const Failing&) = delete;
    Failing& operator=(const Failing&) = delete;

    bool set(int nth) const
    {
        const std::string text = std::to_string(nth);
        for (int round = 0; round < 10; ++round)  // what was left from before may hit the writing
            if (pwrite(file_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()))
                return true;
        return false;
    }
    // Whether it has failed already. If not, it may hit the reading.
    bool has_failed() const
    {
        char text[16] = {};
        const bool answered = pread(file_, text, sizeof text - 1, 0) > 0;
        return answered && std::string(text) == "0\n";
    }

private:
    int file_ = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
};

// Lets the call fail at each of its allocations, and come through at last. `state` tells what must be the same after a failure.
inline void fail_everywhere(const char* what, const std::function<std::string()>& state, const std::function<long()>& call)
{
    constexpr int most = 300;
    const Failing failing;
    const std::string before = state();
    int failures_seen = 0;
    for (int nth = 1; nth <= most; ++nth) {
        check(failing.set(nth), "fail-nth can be set");
        const long result = call();
        const int error = errno;
        const bool failed = failing.has_failed();
        check(failing.set(0), "and taken back");
        if (result >= 0) {  // some things it can do without
            if (failed)
                std::printf("%s: came through without allocation %d\n", what, nth);
            failures_in_all += failures_seen;
            return;
        }
        ++failures_seen;
        if (!failed || (error != ENOMEM && error != ENOSPC) || state() != before) {
            std::printf("%s, allocation %d: errno %d, before:\n%safter:\n%s", what, nth, error, before.c_str(), state().c_str());
            check(false, what);
            return;
        }
    }
    check(false, "it comes through at last");
}

}  // namespace deeds
