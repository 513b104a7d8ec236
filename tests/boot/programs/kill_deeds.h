#pragma once

// Killing a child in a call and looking how long it takes to be gone.

#include "tests/boot/programs/deeds.h"

#include <ctime>

namespace deeds {

inline double now()
{
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

inline void settle()
{
    usleep(300'000);
}

inline bool is_gone(pid_t child)
{
    int status = 0;
    return waitpid(child, &status, WNOHANG) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

// Far more than it takes, and far less than what the calls here would take to end by themselves.
inline void kill_and_see(pid_t child, const char* what)
{
    constexpr double patience = 5;
    check(waitpid(child, nullptr, WNOHANG) == 0, "the child is still in its call");
    kill(child, SIGKILL);
    const double end = now() + patience;
    bool gone = false;
    while (!gone && now() < end) {
        gone = is_gone(child);
        usleep(10'000);
    }
    check(gone, what);
    if (!gone)
        _exit(1);
}

inline void kill_in(const char* what, const std::function<void()>& call)
{
    const pid_t child = start_child(call);
    settle();
    kill_and_see(child, what);
}

}  // namespace deeds
