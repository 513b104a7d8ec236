// Calls and interrupts that concern very many processes, threads or timers; none may hold the CPU longer than the rule says.
#include "tests/boot/programs/kernel_latency.h"

#include <vector>

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

namespace {

using namespace deeds;

// As many children as there may be, at most 4096, of one group and one user.
std::vector<pid_t> start_crowd()
{
    constexpr std::size_t most = 4096;
    std::vector<pid_t> crowd;
    while (crowd.size() < most) {
        const pid_t child = start_child([] {
            signal(SIGURG, [](int) {});
            for (;;)
                pause();
        });
        if (child < 0)
            break;
        setpgid(child, crowd.empty() ? child : crowd.front());
        crowd.push_back(child);
    }
    return crowd;
}

// Room for those that the test needs itself.
void make_room(std::vector<pid_t>& crowd)
{
    for (int i = 0; i < 4; ++i) {
        kill(crowd.back(), SIGKILL);
        status_of(crowd.back());
        crowd.pop_back();
    }
}

void crowds()
{
    auto crowd = start_crowd();
    make_room(crowd);
    std::printf("%zu processes\n", crowd.size());
    check(crowd.size() >= 1000, "a crowd");
    const pid_t group = crowd.front();
    usleep(500'000);
    measure("kill of a group, ignored", [&] { check(kill(-group, SIGWINCH) == 0, "kill"); });
    measure("kill of a group, handled", [&] { check(kill(-group, SIGURG) == 0, "kill"); });
    measure("stop of a group", [&] { check(kill(-group, SIGSTOP) == 0, "kill"); });
    measure("continue of a group", [&] { check(kill(-group, SIGCONT) == 0, "kill"); });
    measure("kill(-1) of everybody", [&] { check(kill(-1, 0) == 0, "kill"); });
    measure("setpriority of a group", [&] { check(setpriority(PRIO_PGRP, static_cast<id_t>(group), 1) == 0, "setpriority"); });
    measure("getpriority of a user", [&] { check(getpriority(PRIO_USER, 0) == 0, "getpriority"); });
    measure("the end of a group", [&] { check(kill(-group, SIGKILL) == 0, "kill"); });
    for (const pid_t child : crowd)
        status_of(child);
    int ready[2];
    check(pipe(ready) == 0, "pipe");
    const pid_t parent = start_child([&] {
        auto orphans = start_crowd();
        make_room(orphans);
        const pid_t their_group = orphans.front();
        check(write(ready[1], &their_group, sizeof their_group) == sizeof their_group, "tell");
        pause();
    });
    pid_t orphans = 0;
    check(read(ready[0], &orphans, sizeof orphans) == sizeof orphans, "a crowd of another parent");
    measure("the end of their parent", [&] {
        kill(parent, SIGKILL);
        status_of(parent);
    });
    check(kill(-orphans, SIGKILL) == 0, "the orphans live");
    while (kill(-orphans, 0) == 0)
        usleep(10'000);
}

long long now(clockid_t clock)
{
    timespec time{};
    clock_gettime(clock, &time);
    return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

// Timers of this clock that are all due at the same time, with a signal that every thread blocks.
std::vector<int> start_timers(clockid_t clock, int number)
{
    constexpr std::size_t count = 1000;
    const long long due = now(clock) + 60'000'000;
    std::vector<int> made;
    while (made.size() < count) {
        sigevent event{};
        event.sigev_notify = SIGEV_SIGNAL;
        event.sigev_signo = number;
        int timer = -1;
        const itimerspec setting{.it_interval = {}, .it_value = {due / 1'000'000'000, due % 1'000'000'000}};
        check(syscall(SYS_timer_create, clock, &event, &timer) == 0, "a timer");
        check(syscall(SYS_timer_settime, timer, TIMER_ABSTIME, &setting, nullptr) == 0, "set");
        made.push_back(timer);
    }
    return made;
}

void* sleep_for_ever(void*)
{
    for (;;)
        pause();
}

void timers()
{
    constexpr int sleepers = 900;
    sigset_t blocked;
    sigfillset(&blocked);
    pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
    for (int i = 0; i < sleepers; ++i) {
        pthread_t thread;
        check(pthread_create(&thread, &attributes, sleep_for_ever, nullptr) == 0, "a thread");
    }
    struct {
        const char* what;
        clockid_t clock;
        int number;
    } const rounds[] = {
        {"timers of processor time, one signal", CLOCK_PROCESS_CPUTIME_ID, SIGUSR1},
        {"timers of processor time, one each", CLOCK_PROCESS_CPUTIME_ID, SIGRTMIN},
        {"timers, one signal", CLOCK_MONOTONIC, SIGUSR1},
        {"timers, one each", CLOCK_MONOTONIC, SIGRTMIN},
    };
    for (const auto& round : rounds) {
        std::vector<int> started;
        std::size_t arrived = 0;
        measure(round.what, [&] {
            started = start_timers(round.clock, round.number);
            sigset_t set;
            sigemptyset(&set);
            sigaddset(&set, round.number);
            const std::size_t wanted = round.number == SIGUSR1 ? 1 : started.size();
            constexpr timespec none{};
            for (const long long end = now(CLOCK_MONOTONIC) + 5'000'000'000; arrived < wanted && now(CLOCK_MONOTONIC) < end;)
                arrived += sigtimedwait(&set, nullptr, &none) == round.number ? 1 : 0;
            check(arrived == wanted, "all arrive");
        });
        for (const int timer : started)
            syscall(SYS_timer_delete, timer);
        sigset_t all;
        sigfillset(&all);
        for (constexpr timespec none{}; sigtimedwait(&all, nullptr, &none) > 0;) {
        }
    }
}

constexpr Deed all[] = {{"crowds", crowds}, {"timers", timers}};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
