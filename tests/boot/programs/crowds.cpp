// Calls and interrupts that concern very many processes, threads or timers; none may hold the CPU longer than the rule says.
#include "tests/boot/programs/kernel_latency.h"

#include <atomic>
#include <climits>
#include <vector>

#include <linux/futex.h>
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

// Whether there was room for one more.
bool start_small_thread(void* (*body)(void*))
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
    pthread_t thread;
    return pthread_create(&thread, &attributes, body, nullptr) == 0;
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
    for (int i = 0; i < sleepers; ++i)
        check(start_small_thread(sleep_for_ever), "a thread");
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

long futex(std::atomic<int>& word, int operation, unsigned count, std::uintptr_t other = 0, void* target = nullptr, int expected = 0)
{
    return syscall(SYS_futex, &word, operation, count, other, target, expected);
}

std::atomic<int> first_word;
std::atomic<int> second_word;
std::atomic<int> sleeping;

// Sleeps once at either word, and then until the process ends.
void* sleep_twice(void*)
{
    sleeping.fetch_add(1);
    futex(first_word, FUTEX_WAIT_PRIVATE, 0);
    sleeping.fetch_sub(1);
    for (;;)
        pause();
}

// As many threads as there may be, all asleep at the first word; how many there are.
int start_sleepers()
{
    constexpr int most = 4096;
    int count = 0;
    while (count < most && start_small_thread(sleep_twice))
        ++count;
    while (sleeping.load() != count)
        usleep(10'000);
    usleep(200'000);
    return count;
}

// The child says when its threads sleep, and waits to be told to go on.
void with_sleepers(const char* what, const std::function<void(pid_t child, int go_on)>& end, const std::function<void()>& then = [] { pause(); })
{
    int said[2];
    int go_on[2];
    check(pipe(said) == 0 && pipe(go_on) == 0, "pipes");
    const pid_t child = start_child([&] {
        const int count = start_sleepers();
        char byte = 0;
        check(write(said[1], &count, sizeof count) == sizeof count && read(go_on[0], &byte, 1) == 1, "talk");
        then();
    });
    int count = 0;
    check(read(said[0], &count, sizeof count) == sizeof count && count >= 1000, "many threads");
    std::printf("%d threads\n", count);
    measure(what, [&] {
        end(child, go_on[1]);
        status_of(child);
    });
    for (const int end_of_pipe : {said[0], said[1], go_on[0], go_on[1]})
        close(end_of_pipe);
}

void threads()
{
    check(status_of_child([] {
        const pid_t self = getpid();
        int stopping[2];
        check(pipe(stopping) == 0, "pipe");
        // Made while there is room for it.
        const pid_t continuing = start_child([=] {
            char byte;
            check(read(stopping[0], &byte, 1) == 1, "told");
            usleep(300'000);
            kill(self, SIGCONT);
        });
        check(continuing > 0, "who continues");
        const int count = start_sleepers();
        measure("requeue of all threads", [&] {
            check(futex(first_word, FUTEX_CMP_REQUEUE_PRIVATE, 0, INT_MAX, &second_word, 0) == count, "all are moved");
        });
        measure("wake of all threads", [&] { check(futex(second_word, FUTEX_WAKE_PRIVATE, INT_MAX) == count, "all are woken"); });
        measure("they run", [] {
            while (sleeping.load() != 0)
                usleep(1000);
        });
        measure("a signal to the process", [] { kill(getpid(), SIGWINCH); });
        measure("stop and continue", [&] {
            check(write(stopping[1], "x", 1) == 1, "tell");
            kill(self, SIGSTOP);
            status_of(continuing);
        });
        measure("setpriority of a process", [] { setpriority(PRIO_PROCESS, 0, 1); });
    }) == 0, "sleepers at a word");
    const auto go_on = [](pid_t, int pipe) { check(write(pipe, "x", 1) == 1, "go on"); };
    with_sleepers("the kill of a process of many threads", [](pid_t child, int) { kill(child, SIGKILL); });
    with_sleepers("its exit", go_on, [] { _exit(0); });
    with_sleepers("its exec", go_on, [] { execl("/bin/busybox", "true", nullptr); });
}

constexpr Deed all[] = {{"crowds", crowds}, {"timers", timers}, {"threads", threads}};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
