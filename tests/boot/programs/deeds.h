#pragma once

// What the programs that check a running system from inside share: a deed is a function that checks something; each runs in
// a process of its own, named by the program's argument, and the program's status is 0 when everything held.

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <span>
#include <string_view>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace deeds {

constexpr std::size_t page = 4096;
constexpr std::size_t mib = 1024 * 1024;
inline int failures = 0;

inline void check(bool holds, const char* what)
{
    if (!holds) {
        ++failures;
        std::printf("does not hold: %s (errno %d)\n", what, errno);
    }
}

// Its status is 0 when everything that `body` checks held.
inline pid_t start_child(const std::function<void()>& body)
{
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        failures = 0;
        body();
        _exit(failures == 0 ? 0 : 1);
    }
    return child;
}

// -1 for a child that could not be made.
inline int status_of(pid_t child)
{
    int status = -1;
    if (child < 0)
        return status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

inline int status_of_child(const std::function<void()>& body)
{
    return status_of(start_child(body));
}

inline void handle(int number, void (*handler)(int, siginfo_t*, void*), int flags = 0)
{
    struct sigaction action {};
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO | flags;
    sigaction(number, &action, nullptr);
}

template <typename T = char>
T* map_memory(std::size_t size, int flags, int file = -1, int access = PROT_READ | PROT_WRITE)
{
    void* memory = mmap(nullptr, size, access, flags | (file < 0 ? MAP_ANONYMOUS : 0), file, 0);
    return memory == MAP_FAILED ? nullptr : static_cast<T*>(memory);
}

// So much readable memory that it is the same MiB again and again.
inline char* repeated_memory(std::size_t size)
{
    char name[] = "/tmp/repeated.XXXXXX";
    const int file = mkstemp(name);
    unlink(name);
    check(ftruncate(file, mib) == 0, "a file of one MiB");
    char* const start = map_memory(size, MAP_PRIVATE | MAP_NORESERVE, -1, PROT_NONE);
    for (std::size_t at = 0; at < size; at += mib)
        if (mmap(start + at, mib, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED)
            check(false, "one more mapping");
    close(file);
    return start;
}

struct Deed {
    std::string_view name;
    void (*run)();
};

// `wanted` is a deed's name, or "all".
inline int run(std::span<const Deed> deeds, std::string_view wanted)
{
    int failed = 0;
    for (const Deed& deed : deeds) {
        if (wanted != "all" && wanted != deed.name)
            continue;
        const bool passed = status_of_child(deed.run) == 0;
        std::printf("%.*s %s\n", static_cast<int>(deed.name.size()), deed.name.data(), passed ? "done" : "failed");
        failed += passed ? 0 : 1;
    }
    return failed == 0 ? 0 : 1;
}

}  // namespace deeds
