// What a user has the kernel keep for him is booked to him, ends at a limit with the errno that Linux's manual pages name, and is given
// back: locks, queued signals, credentials. Run as root, who reads /proc/ledger.

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "tests/boot/programs/user.h"

namespace {

using deeds::check;
using deeds::refused;

// Bytes of one kind that are booked to the ordinary user.
std::uint64_t booked(std::string_view kind)
{
    std::ifstream ledger("/proc/ledger");
    std::string line;
    std::getline(ledger, line);
    std::istringstream names(line);
    std::size_t column = 0;
    for (std::string name; names >> name && name != kind;)
        ++column;
    while (std::getline(ledger, line)) {
        std::istringstream values(line);
        std::string value;
        values >> value;
        if (value != std::to_string(deeds::ordinary_user))
            continue;
        for (std::size_t i = 0; i < column; ++i)
            values >> value;
        return std::stoull(value);
    }
    return 0;
}

// What ended a moment ago may still be on its way.
void expect_given_back(const char* kind)
{
    for (int round = 0; round < 100 && booked(kind) != 0; ++round)
        usleep(50'000);
    check(booked(kind) == 0, kind);
}

// Runs `body` as the user in a child and looks at the books when it says that it is ready; it goes on afterwards.
void look_while(std::string_view kind, std::uint64_t least, const std::function<void(const std::function<void()>& ready)>& body)
{
    int said[2];
    int go_on[2];
    check(pipe(said) == 0 && pipe(go_on) == 0, "pipes");
    const pid_t child = deeds::start_child([&] {
        deeds::become(deeds::ordinary_user, deeds::ordinary_group);
        body([&] {
            char byte = 0;
            check(write(said[1], &byte, 1) == 1 && read(go_on[0], &byte, 1) == 1, "talk");
        });
    });
    close(said[1]);
    char byte = 0;
    check(read(said[0], &byte, 1) == 1, "the child is ready");
    check(booked(kind) >= least, "it is booked to the user");
    check(write(go_on[1], &byte, 1) == 1, "go on");
    check(deeds::status_of(child) == 0, "the child");
    for (const int end : {said[0], go_on[0], go_on[1]})
        close(end);
}

void limits()
{
    rlimit limit{};
    check(getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == 8 << 20 && limit.rlim_max == 8 << 20, "8 MiB may be locked");
    check(getrlimit(RLIMIT_SIGPENDING, &limit) == 0 && limit.rlim_cur == limit.rlim_max, "signals that may be queued");
    check(limit.rlim_cur > 0 && limit.rlim_cur < 1'000'000, "as memory allows");
}

constexpr int most = 8;

int queue_one()
{
    return sigqueue(getpid(), SIGRTMIN, {.sival_int = 1});
}

void queued_signals()
{
    look_while("queued_signals", most * sizeof(siginfo_t) / 4, [](const std::function<void()>& ready) {
        const rlimit limit{most, most};
        check(setrlimit(RLIMIT_SIGPENDING, &limit) == 0, "a limit");
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGRTMIN);
        sigaddset(&set, SIGUSR1);
        sigprocmask(SIG_BLOCK, &set, nullptr);
        for (int i = 0; i < most; ++i)
            check(queue_one() == 0, "within the limit");
        refused(queue_one(), EAGAIN, "one more");
        refused(raise(SIGRTMIN), EAGAIN, "one to the thread");
        check(kill(getpid(), SIGRTMIN) == 0, "kill says nothing that could be lost");
        check(kill(getpid(), SIGUSR1) == 0 && sigqueue(getpid(), SIGUSR1, {.sival_int = 1}) == 0, "standard signals");
        const int other = deeds::status_of_child([] { refused(queue_one(), EAGAIN, "the limit is the user's"); });
        check(other == 0, "another process of the user");
        ready();
        const timespec now{};
        check(sigtimedwait(&set, nullptr, &now) > 0 && sigtimedwait(&set, nullptr, &now) > 0, "take two");
        check(queue_one() == 0, "there is room again");
    });
    expect_given_back("queued_signals");
}

void locks()
{
    constexpr int enough = 1000;
    look_while("locks", enough * 64, [](const std::function<void()>& ready) {
        const int file = open("/tmp/booked", O_RDWR | O_CREAT, 0600);
        check(file >= 0, "a file");
        struct flock lock {};
        lock.l_type = F_WRLCK;
        lock.l_len = 1;
        int count = 0;
        while (count < 1'000'000 && fcntl(file, F_SETLK, &lock) == 0) {
            ++count;
            lock.l_start += 2;
        }
        check(count >= enough && errno == ENOLCK, "locks until there are too many");
        ready();
        lock.l_type = F_UNLCK;
        lock.l_start = 0;
        check(fcntl(file, F_SETLK, &lock) == 0, "one less");
        lock.l_type = F_WRLCK;
        check(fcntl(file, F_SETLK, &lock) == 0, "there is room again");
        close(file);
    });
    expect_given_back("locks");
    unlink("/tmp/booked");
}

void credentials()
{
    look_while("credentials", 20 * 64, [](const std::function<void()>& ready) {
        int hold[2];
        check(pipe(hold) == 0, "a pipe");
        pid_t children[20];
        for (pid_t& child : children)
            child = deeds::start_child([&] {
                close(hold[1]);
                char byte = 0;
                check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "credentials of its own");
                check(read(hold[0], &byte, 1) == 0, "wait");
            });
        usleep(300'000);
        ready();
        close(hold[1]);
        for (const pid_t child : children)
            check(deeds::status_of(child) == 0, "a child");
    });
    expect_given_back("credentials");
}

// What the regions of one process are booked with, after it has done something; each in a process of its own that has done nothing else.
std::uint64_t regions_after(const std::function<void()>& change)
{
    int said[2];
    int go_on[2];
    check(pipe(said) == 0 && pipe(go_on) == 0, "pipes");
    // Memory is booked to whose it was when it was made: the child's child's is the user's from the start.
    const pid_t child = deeds::start_child([&] {
        deeds::become(deeds::ordinary_user, deeds::ordinary_group);
        const int status = deeds::status_of_child([&] {
            change();
            char byte = 0;
            check(write(said[1], &byte, 1) == 1 && read(go_on[0], &byte, 1) == 1, "talk");
        });
        check(status == 0, "what the child did");
    });
    close(said[1]);
    char byte = 0;
    check(read(said[0], &byte, 1) == 1, "the child is ready");
    const std::uint64_t bytes = booked("regions");
    check(write(go_on[1], &byte, 1) == 1 && deeds::status_of(child) == 0, "the child");
    for (const int end : {said[0], go_on[0], go_on[1]})
        close(end);
    expect_given_back("regions");
    return bytes;
}

// Every other page of the memory becomes a region of its own.
void split(char* memory, std::size_t size)
{
    for (std::size_t at = 0; at < size; at += 2 * deeds::page)
        check(mprotect(memory + at, deeds::page, PROT_READ) == 0, "a region for each page");
}

void regions()
{
    constexpr std::size_t size = 200 * deeds::page;
    expect_given_back("regions");
    const std::uint64_t before = regions_after([] {});
    const auto expect_as_before = [&](const char* what, const std::function<void()>& change) {
        const std::uint64_t after = regions_after(change);
        if (after != before)
            std::printf("%s: %llu bytes instead of %llu\n", what, static_cast<unsigned long long>(after), static_cast<unsigned long long>(before));
        check(after == before, what);
    };
    check(before != 0, "a process has regions");
    const std::uint64_t more = regions_after([] { split(deeds::map_memory(size, MAP_PRIVATE), size); });
    check(more > before + 100 * 32, "many regions cost more");
    expect_as_before("munmap", [] {
        char* const memory = deeds::map_memory(size, MAP_PRIVATE);
        split(memory, size);
        check(munmap(memory, size) == 0, "munmap");
    });
    // The system call itself: the library's sbrk goes by what it thinks the break is.
    expect_as_before("the break goes down", [] {
        const long start = syscall(SYS_brk, 0);
        const long first = (start + static_cast<long>(deeds::page) - 1) & -static_cast<long>(deeds::page);
        check(syscall(SYS_brk, first + static_cast<long>(size)) == first + static_cast<long>(size), "up");
        split(reinterpret_cast<char*>(first), size);
        check(syscall(SYS_brk, start) == start, "and down");
    });
    expect_as_before("munlockall", [] {
        char* const memory = deeds::map_memory(size, MAP_PRIVATE);
        for (std::size_t at = 0; at < size; at += 2 * deeds::page)
            check(mlock(memory + at, deeds::page) == 0, "a region for each page");
        check(munmap(memory + deeds::page, size - deeds::page) == 0, "one is left");
        check(munlockall() == 0 && munmap(memory, deeds::page) == 0, "munlockall");
    });
    const std::uint64_t one_more = regions_after([] { deeds::map_memory(size, MAP_PRIVATE, -1, PROT_NONE); });
    const std::uint64_t joined = regions_after([] {
        char* const memory = deeds::map_memory(size, MAP_PRIVATE, -1, PROT_NONE);
        for (std::size_t at = 0; at < size; at += 2 * deeds::page)
            mlock(memory + at, deeds::page);
        check(munlockall() == 0, "munlockall");
    });
    check(joined == one_more, "what is alike again is one region again");
}

constexpr deeds::Deed all[] = {
    {"limits", limits},
    {"queued-signals", queued_signals},
    {"locks", locks},
    {"credentials", credentials},
    {"regions", regions},
};

}  // namespace

int main(int argc, char** argv)
{
    return deeds::run(all, argc > 1 ? argv[1] : "all");
}
