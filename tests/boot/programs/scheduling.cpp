// Checks what sched(7) promises about shares and processors, from inside a process.
#include "tests/boot/programs/deeds.h"

#include <algorithm>
#include <functional>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/times.h>
#include <time.h>

namespace {

using namespace deeds;

constexpr int processors = 4;

double now()
{
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

cpu_set_t only(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(cpu), &set);
    return set;
}

bool stay_on(int cpu, pid_t process = 0)
{
    const cpu_set_t set = only(cpu);
    return sched_setaffinity(process, sizeof set, &set) == 0;
}

void spin_until(double end)
{
    while (now() < end) {
    }
}

void affinity()
{
    cpu_set_t set;
    check(sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) == processors, "all processors at first");
    for (int cpu = 0; cpu < processors; ++cpu) {
        check(stay_on(cpu) && sched_getcpu() == cpu, "on the processor at once");
        check(sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) == 1 && CPU_ISSET(static_cast<std::size_t>(cpu), &set),
              "what was set is read");
    }
    CPU_ZERO(&set);
    check(sched_setaffinity(0, sizeof set, &set) == -1 && errno == EINVAL, "no processor");
    set = only(processors + 1);
    check(sched_setaffinity(0, sizeof set, &set) == -1 && errno == EINVAL, "an absent processor");
    check(sched_getaffinity(999999, sizeof set, &set) == -1 && errno == ESRCH, "an absent process");
}

// Sleeps, wake-ups, yields and load on all processors lead nobody astray; a child inherits.
void affinity_under_load()
{
    std::array<pid_t, 3 * processors> children{};
    for (std::size_t i = 0; i < children.size(); ++i)
        children[i] = start_child([&] {
            const int cpu = static_cast<int>(i) % processors;
            check(stay_on(cpu), "stay");
            const auto wander = [&] {
                for (const double end = now() + 0.5; now() < end;) {
                    if (i % 3 == 1)
                        usleep(1000);
                    if (i % 3 == 2)
                        sched_yield();
                    check(sched_getcpu() == cpu, "on its processor");
                }
            };
            wander();
            check(status_of_child(wander) == 0, "a child inherits");
        });
    for (const pid_t child : children)
        check(status_of(child) == 0, "a child");
}

// Another process is moved, whether it runs, waits for the processor, or sleeps.
void moving_others()
{
    auto* const seen = map_memory<volatile int>(page, MAP_SHARED);
    for (const bool sleeps : {false, true}) {
        const pid_t child = start_child([&] {
            for (;;) {
                seen[0] = sched_getcpu();
                if (sleeps)
                    usleep(1000);
            }
        });
        for (int round = 0; round < 20; ++round) {
            const int cpu = round % processors;
            check(stay_on(cpu, child), "another process");
            usleep(50'000);
            check(seen[0] == cpu, "it has moved");
        }
        kill(child, SIGKILL);
        status_of(child);
    }
}

// Time of the processor that `count` children get that share one for two seconds, each after what `prepare(its index)` did.
template <std::size_t count>
std::array<double, count> share(const std::function<void(std::size_t)>& prepare)
{
    std::array<pid_t, count> children{};
    const double end = now() + 2.2;
    for (std::size_t i = 0; i < count; ++i)
        children[i] = start_child([&] {
            check(stay_on(1), "together");
            prepare(i);
            spin_until(end);
        });
    std::array<double, count> result{};
    for (std::size_t i = 0; i < count; ++i) {
        int status = 0;
        rusage usage{};
        wait4(children[i], &status, 0, &usage);
        check(status == 0, "a child");
        result[i] = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                    static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    }
    return result;
}

void shares()
{
    const auto equal = share<2>([](std::size_t) {});
    std::printf("equal: %.2f %.2f\n", equal[0], equal[1]);
    check(equal[0] < 2 * equal[1] && equal[1] < 2 * equal[0], "equals share alike");
    // Ten steps are a factor of 9.3.
    const auto unequal = share<2>([](std::size_t i) { check(setpriority(PRIO_PROCESS, 0, i == 0 ? 0 : 10) == 0, "nice"); });
    std::printf("nice 0 and 10: %.2f %.2f\n", unequal[0], unequal[1]);
    check(unequal[0] > 4 * unequal[1], "a nice process gets less");
    check(unequal[1] > 0.02, "a nice process is not forgotten");
    // 1024 to 3.
    const auto with_idle = share<2>([](std::size_t i) {
        const sched_param parameter{};
        check(i == 0 || sched_setscheduler(0, SCHED_IDLE, &parameter) == 0, "SCHED_IDLE");
    });
    std::printf("SCHED_OTHER and SCHED_IDLE: %.2f %.2f\n", with_idle[0], with_idle[1]);
    check(with_idle[0] > 20 * with_idle[1], "SCHED_IDLE gets what is left");
}

void nice_values()
{
    check(getpriority(PRIO_PROCESS, 0) == 0, "the usual value");
    check(setpriority(PRIO_PROCESS, 0, 100) == 0 && getpriority(PRIO_PROCESS, 0) == 19, "cut to the greatest");
    check(setpriority(PRIO_PROCESS, 0, -100) == 0 && getpriority(PRIO_PROCESS, 0) == -20, "root may be unkind");
    check(status_of_child([] { check(getpriority(PRIO_PROCESS, 0) == -20, "inherited"); }) == 0, "child");
    check(setpriority(PRIO_PROCESS, 999999, 0) == -1 && errno == ESRCH, "an absent process");
    check(setpriority(7, 0, 0) == -1 && errno == EINVAL, "an unknown kind");
    check(setpgid(0, 0) == 0 && setpriority(PRIO_PGRP, 0, 3) == 0 && getpriority(PRIO_PGRP, 0) == 3, "a group");
    const int status = status_of_child([] {
        check(setpriority(PRIO_PROCESS, 0, 5) == 0 && setuid(1000) == 0, "a user");
        check(setpriority(PRIO_PROCESS, 0, 7) == 0, "a user may be kinder");
        check(setpriority(PRIO_PROCESS, 0, 5) == -1 && errno == EACCES, "and not go back");
        check(setpriority(PRIO_PROCESS, 1, 10) == -1 && errno == EPERM, "nor change others");
        check(setpriority(PRIO_USER, 0, 9) == 0 && getpriority(PRIO_PROCESS, 0) == 9, "but all of its own");
        check(!stay_on(0, 1) && errno == EPERM, "nor move others");
    });
    check(status == 0, "user");
    const int with_limit = status_of_child([] {
        const rlimit limit{.rlim_cur = 18, .rlim_max = 18};
        check(setrlimit(RLIMIT_NICE, &limit) == 0 && setuid(1000) == 0, "RLIMIT_NICE");
        check(setpriority(PRIO_PROCESS, 0, 7) == 0 && setpriority(PRIO_PROCESS, 0, 2) == 0, "as far as the limit says");
        check(setpriority(PRIO_PROCESS, 0, 1) == -1 && errno == EACCES, "and not further");
    });
    check(with_limit == 0, "user with a limit");
}

void policies()
{
    sched_param parameter{};
    check(sched_getscheduler(0) == SCHED_OTHER && sched_getparam(0, &parameter) == 0 && parameter.sched_priority == 0, "the policy");
    for (const int policy : {SCHED_BATCH, SCHED_IDLE, SCHED_OTHER}) {
        check(sched_setscheduler(0, policy, &parameter) == 0 && sched_getscheduler(0) == policy, "another one");
        check(status_of_child([&] { check(sched_getscheduler(0) == policy, "inherited"); }) == 0, "child");
        check(sched_get_priority_max(policy) == 0 && sched_get_priority_min(policy) == 0, "the bounds");
    }
    check(sched_setscheduler(0, SCHED_IDLE | SCHED_RESET_ON_FORK, &parameter) == 0, "with SCHED_RESET_ON_FORK");
    check(sched_getscheduler(0) == (SCHED_IDLE | SCHED_RESET_ON_FORK), "both are read");
    check(status_of_child([] { check(sched_getscheduler(0) == SCHED_OTHER, "not inherited"); }) == 0, "child");
    check(sched_setscheduler(0, SCHED_OTHER, &parameter) == 0, "back");
    check(sched_setscheduler(0, 77, &parameter) == -1 && errno == EINVAL, "no such policy");
    timespec interval{};
    check(sched_rr_get_interval(0, &interval) == 0 && interval.tv_sec == 0 && interval.tv_nsec > 0, "how long a turn is");
    parameter.sched_priority = 1;
    check(sched_setparam(0, &parameter) == -1 && errno == EINVAL, "no priorities");
    check(sched_setscheduler(0, SCHED_FIFO, &parameter) == -1 && errno == EINVAL, "no real-time policies");
    const int status = status_of_child([&] {
        check(setuid(1000) == 0, "a user");
        check(sched_setscheduler(0, SCHED_FIFO, &parameter) == -1 && errno == EPERM, "may not even ask for one");
        parameter.sched_priority = 0;
        check(sched_setscheduler(1, SCHED_BATCH, &parameter) == -1 && errno == EPERM, "nor change others");
        check(sched_setscheduler(0, SCHED_IDLE, &parameter) == 0, "but wait for idle processors");
        check(sched_setscheduler(0, SCHED_OTHER, &parameter) == -1 && errno == EPERM, "without a way back");
    });
    check(status == 0, "user");
}

// Children that end with this.
class Children {
public:
    ~Children()
    {
        for (const pid_t child : children_) {
            kill(child, SIGKILL);
            (void)status_of(child);
        }
    }
    void start(int cpu, int policy, const std::function<void()>& body)
    {
        children_.push_back(start_child([&] {
            const sched_param parameter{};
            check(stay_on(cpu) && sched_setscheduler(0, policy, &parameter) == 0, "a place and a policy");
            body();
        }));
    }
    pid_t first() const { return children_.front(); }

private:
    std::vector<pid_t> children_;
};

constexpr int spinners = 30;
constexpr double patience = 2;

void spin()
{
    spin_until(now() + 60);
}

[[noreturn]] void write_on_and_on(int file)
{
    const std::vector<char> bytes(8 << 20);
    for (;;)
        (void)!pwrite(file, bytes.data(), bytes.size(), 0);
}

[[noreturn]] void change_names_on_and_on(const char* one, const char* other)
{
    const std::vector<char> bytes(1 << 20);
    for (;;) {
        const int file = open(one, O_CREAT | O_WRONLY, 0644);
        (void)!write(file, bytes.data(), bytes.size());
        close(file);
        (void)!rename(one, other);
        (void)!unlink(other);
    }
}

void within(double start, const char* what)
{
    const double took = now() - start;
    check(took < patience, what);
    if (took >= patience)
        std::printf("%s: %.1f s\n", what, took);
}

// Whose share is next to nothing, beside many others, may hold what root waits for, and ends when it is killed.
void small_shares()
{
    const int file = open("/tmp/scheduling", O_CREAT | O_RDWR, 0644);
    check(mkdir("/tmp/a", 0755) == 0 && mkdir("/tmp/b", 0755) == 0, "directories");
    {
        Children children;
        for (int i = 0; i < 2; ++i)  // one of them waits for the other
            children.start(0, SCHED_IDLE, [&] { write_on_and_on(file); });
        children.start(0, SCHED_IDLE, [] { change_names_on_and_on("/tmp/a/theirs", "/tmp/b/theirs"); });
        for (int i = 0; i < spinners; ++i)
            children.start(0, SCHED_OTHER, spin);
        check(stay_on(1), "on another processor");
        usleep(500'000);
        for (int i = 0; i < 5; ++i) {
            const double start = now();
            struct stat status {};
            check(fstat(file, &status) == 0 && ftruncate(file, 4096) == 0, "the file is there");
            within(start, "who waits for the file gets it");
        }
        for (int i = 0; i < 5; ++i) {
            const double start = now();
            check(close(creat("/tmp/a/mine", 0644)) == 0 && rename("/tmp/a/mine", "/tmp/b/mine") == 0 && unlink("/tmp/b/mine") == 0, "a file");
            within(start, "who waits for the directories gets them");
        }
        const double start = now();
        kill(children.first(), SIGKILL);
        siginfo_t info{};
        check(waitid(P_PID, static_cast<id_t>(children.first()), &info, WEXITED | WNOWAIT) == 0 && info.si_status == SIGKILL, "it is killed");
        within(start, "who is killed ends");
    }
    check(unlink("/tmp/scheduling") == 0 && system("rm -r /tmp/a /tmp/b") == 0, "clean");
}

// One who takes a mutex again and again, on his own processor, leaves it to others.
void taken_again()
{
    const int file = open("/tmp/scheduling", O_CREAT | O_RDWR, 0644);
    Children children;
    children.start(0, SCHED_OTHER, [&] { write_on_and_on(file); });
    check(stay_on(1), "on another processor");
    usleep(200'000);
    const double start = now();
    struct stat status {};
    for (int i = 0; i < 10; ++i)
        check(fstat(file, &status) == 0, "the file is there");
    within(start, "who waits for the file gets it");
    unlink("/tmp/scheduling");
}

// Turns that somebody has because others wait for him are no gift.
void borrowed_turns()
{
    const int file = open("/tmp/scheduling", O_CREAT | O_RDWR, 0644);
    Children children;
    for (int i = 0; i < 3; ++i)
        children.start(1, SCHED_IDLE, [&] { write_on_and_on(file); });
    usleep(300'000);
    const auto used = share<1>([](std::size_t) {});
    std::printf("beside three who wait for each other: %.2f\n", used[0]);
    check(used[0] > 1.2, "most is for who has a share");
    unlink("/tmp/scheduling");
}

}  // namespace

int main(int count, char** arguments)
{
    constexpr deeds::Deed all[] = {
        {"affinity", affinity},
        {"affinity-under-load", affinity_under_load},
        {"moving-others", moving_others},
        {"shares", shares},
        {"nice-values", nice_values},
        {"policies", policies},
        {"small-shares", small_shares},
        {"taken-again", taken_again},
        {"borrowed-turns", borrowed_turns},
    };
    return deeds::run(all, count > 1 ? arguments[1] : "all");
}
