// Checks what timer_create(2), setitimer(2) and RLIMIT_CPU promise, from inside a process.
#include "tests/boot/programs/deeds.h"

#include <atomic>

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

namespace {

using namespace deeds;

constexpr long millisecond = 1'000'000;

volatile sig_atomic_t taken = 0;
siginfo_t last_info;
volatile pid_t taker = 0;

void note(int, siginfo_t* info, void*)
{
    taken = taken + 1;
    last_info = *info;
    taker = static_cast<pid_t>(syscall(SYS_gettid));
}

double now(clockid_t clock = CLOCK_MONOTONIC)
{
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void spin_until_taken(int count, double longest = 20)
{
    for (const double end = now() + longest; taken < count && now() < end;) {
    }
}

void sleep_until_taken(int count, double longest = 20)
{
    for (const double end = now() + longest; taken < count && now() < end;)
        usleep(1000);
}

timespec nanoseconds(long value)
{
    return {.tv_sec = value / 1'000'000'000, .tv_nsec = value % 1'000'000'000};
}

long to_nanoseconds(const timespec& time)
{
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

using KernelTimer = int;

KernelTimer create(clockid_t clock, int notify = SIGEV_SIGNAL, int number = SIGUSR1, pid_t thread = 0)
{
    sigevent event{};
    event.sigev_notify = notify;
    event.sigev_signo = number;
    event.sigev_value.sival_ptr = reinterpret_cast<void*>(0x1234'5678'9abcL);
    event._sigev_un._tid = thread;
    KernelTimer timer = -1;
    return syscall(SYS_timer_create, clock, &event, &timer) == 0 ? timer : -1;
}

long start(KernelTimer timer, long first, long interval, int flags = 0)
{
    const itimerspec setting{.it_interval = nanoseconds(interval), .it_value = nanoseconds(first)};
    return syscall(SYS_timer_settime, timer, flags, &setting, nullptr);
}

itimerspec setting_of(KernelTimer timer)
{
    itimerspec setting{};
    check(syscall(SYS_timer_gettime, timer, &setting) == 0, "timer_gettime");
    return setting;
}

void signals_of_timers()
{
    handle(SIGUSR1, note);
    const KernelTimer timer = create(CLOCK_MONOTONIC);
    check(timer >= 0 && to_nanoseconds(setting_of(timer).it_value) == 0, "off at first");
    const double before = now();
    check(start(timer, 50 * millisecond, 0) == 0, "once");
    check(to_nanoseconds(setting_of(timer).it_value) > 0, "on");
    sleep_until_taken(1);
    check(taken == 1 && now() - before >= 0.05, "not too early");
    check(last_info.si_code == SI_TIMER && last_info.si_timerid == timer && last_info.si_overrun == 0 &&
              last_info.si_value.sival_ptr == reinterpret_cast<void*>(0x1234'5678'9abcL),
          "what the signal says");
    usleep(100'000);
    check(taken == 1 && to_nanoseconds(setting_of(timer).it_value) == 0, "once only");
    taken = 0;
    check(start(timer, 10 * millisecond, 10 * millisecond) == 0, "again and again");
    sleep_until_taken(5);
    check(taken >= 5, "five times");
    const itimerspec former = setting_of(timer);
    check(to_nanoseconds(former.it_interval) == 10 * millisecond && to_nanoseconds(former.it_value) <= 10 * millisecond, "its setting");
    check(start(timer, 0, 0) == 0, "off");
    const int count = taken;
    usleep(50'000);
    check(taken == count, "no more");
    for (const clockid_t clock : {CLOCK_REALTIME, CLOCK_BOOTTIME}) {
        taken = 0;
        const KernelTimer other = create(clock);
        timespec time{};
        clock_gettime(clock, &time);
        check(start(other, to_nanoseconds(time) + 50 * millisecond, 0, TIMER_ABSTIME) == 0, "at a point of time");
        sleep_until_taken(1);
        check(taken == 1 && now(clock) * 1e9 >= static_cast<double>(to_nanoseconds(time) + 50 * millisecond), "then");
        check(syscall(SYS_timer_delete, other) == 0, "delete");
    }
    check(syscall(SYS_timer_delete, timer) == 0 && syscall(SYS_timer_delete, timer) == -1 && errno == EINVAL, "deleted once");
}

void overruns()
{
    handle(SIGUSR1, note);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    const KernelTimer timer = create(CLOCK_MONOTONIC);
    check(start(timer, millisecond, millisecond) == 0, "every millisecond");
    usleep(100'000);
    sigprocmask(SIG_UNBLOCK, &set, nullptr);
    sleep_until_taken(1);
    check(taken >= 1, "one signal for all");
    start(timer, 0, 0);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    taken = 0;
    check(start(timer, 1, 1) == 0, "a billion times a second");
    usleep(20'000);
    siginfo_t info{};
    const timespec soon = nanoseconds(1000 * millisecond);
    check(sigtimedwait(&set, &info, &soon) == SIGUSR1 && info.si_overrun >= 10'000'000, "what is left out is counted");
    check(syscall(SYS_timer_getoverrun, timer) >= 10'000'000, "and told when asked");
    check(start(timer, 0, 0) == 0, "off");
    while (sigtimedwait(&set, &info, &soon) == SIGUSR1 && info.si_code == SI_TIMER) {
    }
}

// A timer whose signal is ignored is heard again when it is handled.
void ignored()
{
    signal(SIGUSR1, SIG_IGN);
    const KernelTimer timer = create(CLOCK_MONOTONIC);
    check(start(timer, 5 * millisecond, 5 * millisecond) == 0, "start");
    usleep(50'000);
    check(to_nanoseconds(setting_of(timer).it_value) > 0, "it runs on");
    handle(SIGUSR1, note);
    sleep_until_taken(3);
    check(taken >= 3, "heard");
    itimerval every{.it_interval = {0, 5000}, .it_value = {0, 5000}};
    signal(SIGALRM, SIG_IGN);
    check(setitimer(ITIMER_REAL, &every, nullptr) == 0, "setitimer");
    usleep(50'000);
    check(start(timer, 0, 0) == 0, "off");
    taken = 0;
    handle(SIGALRM, note);
    sleep_until_taken(3);
    check(taken >= 3, "the same of setitimer");
}

void notices()
{
    handle(SIGUSR1, note);
    const KernelTimer silent = create(CLOCK_MONOTONIC, SIGEV_NONE);
    check(start(silent, 10 * millisecond, 0) == 0, "silent");
    usleep(30'000);
    check(taken == 0 && to_nanoseconds(setting_of(silent).it_value) == 0, "nobody is told");
    check(start(silent, 10 * millisecond, 30 * millisecond) == 0, "again");
    usleep(50'000);
    const long left = to_nanoseconds(setting_of(silent).it_value);
    check(left > 0 && left <= 30 * millisecond, "it goes on counting");
    std::atomic<pid_t> other{0};
    const auto body = [](void* word) -> void* {
        static_cast<std::atomic<pid_t>*>(word)->store(static_cast<pid_t>(syscall(SYS_gettid)));
        sleep_until_taken(1);
        return nullptr;
    };
    pthread_t thread{};
    pthread_create(&thread, nullptr, body, &other);
    while (other == 0)
        usleep(1000);
    const KernelTimer for_thread = create(CLOCK_MONOTONIC, SIGEV_THREAD_ID, SIGUSR1, other);
    check(for_thread >= 0 && start(for_thread, 10 * millisecond, 0) == 0, "for a thread");
    pthread_join(thread, nullptr);
    check(taken == 1 && taker == other, "that thread takes it");
    check(create(CLOCK_MONOTONIC, SIGEV_THREAD_ID, SIGUSR1, 1) == -1 && errno == EINVAL, "not for another process's");
    check(create(CLOCK_MONOTONIC, 17) == -1 && errno == EINVAL, "no such notice");
    check(create(CLOCK_MONOTONIC, SIGEV_SIGNAL, 65) == -1 && errno == EINVAL, "no such signal");
    check(create(CLOCK_MONOTONIC_COARSE) == -1 && errno == ENOTSUP && create(99) == -1 && errno == EINVAL, "no such clock");
    check(start(77, 1, 1) == -1 && errno == EINVAL && start(silent, 1, -1) == -1 && errno == EINVAL, "no such timer, no such time");
    KernelTimer usual = -1;
    handle(SIGALRM, note);
    taken = 0;
    check(syscall(SYS_timer_create, CLOCK_MONOTONIC, nullptr, &usual) == 0 && start(usual, millisecond, 0) == 0, "SIGALRM by default");
    sleep_until_taken(1);
    check(last_info.si_signo == SIGALRM && last_info.si_value.sival_int == usual, "with the timer's id");
}

void processor_time()
{
    handle(SIGUSR1, note);
    for (const clockid_t clock : {CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID}) {
        taken = 0;
        const KernelTimer timer = create(clock);
        const double before = now(clock);
        check(timer >= 0 && start(timer, 50 * millisecond, 20 * millisecond) == 0, "start");
        usleep(200'000);
        check(taken == 0, "sleep does not count");
        spin_until_taken(1);
        check(taken >= 1 && now(clock) - before >= 0.05, "running does");
        spin_until_taken(3);
        check(taken >= 3, "again and again");
        check(syscall(SYS_timer_delete, timer) == 0, "delete");
    }
    const struct { int which, number; } kinds[] = {{ITIMER_VIRTUAL, SIGVTALRM}, {ITIMER_PROF, SIGPROF}};
    for (const auto& kind : kinds) {
        taken = 0;
        handle(kind.number, note);
        const itimerval every{.it_interval = {0, 30'000}, .it_value = {0, 30'000}};
        itimerval former{};
        check(setitimer(kind.which, &every, nullptr) == 0 && getitimer(kind.which, &former) == 0 && former.it_interval.tv_usec == 30'000,
              "setitimer");
        usleep(150'000);
        check(taken == 0, "sleep does not count");
        spin_until_taken(3);
        check(taken >= 3 && last_info.si_signo == kind.number, "running does");
        const itimerval off{};
        check(setitimer(kind.which, &off, nullptr) == 0, "off");
    }
    clockid_t own = 0;
    check(clock_getcpuclockid(getpid(), &own) == 0 && now(own) > 0.1 && now(own) <= now(CLOCK_PROCESS_CPUTIME_ID), "named by its id");
    check(pthread_getcpuclockid(pthread_self(), &own) == 0 && now(own) > 0.1, "and a thread");
    const double first = now(CLOCK_THREAD_CPUTIME_ID);
    const double second = now(CLOCK_THREAD_CPUTIME_ID);
    check(second > first && second - first < 0.01, "exact to less than a tick");
}

void limit_of_processor_time()
{
    const auto spin_for = [](const rlimit& limit) {
        return status_of_child([&] {
            setrlimit(RLIMIT_CPU, &limit);
            for (const double end = now() + 30; now() < end;) {
            }
        });
    };
    const rlimit soft{.rlim_cur = 1, .rlim_max = 3};
    const double before = now();
    const int status = spin_for(soft);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU && now() - before >= 0.9, "the soft limit");
    handle(SIGXCPU, note);
    const rlimit hard{.rlim_cur = 1, .rlim_max = 2};
    check(WTERMSIG(spin_for(hard)) == SIGKILL, "the hard limit");
}

void inheritance()
{
    handle(SIGUSR1, note);
    handle(SIGALRM, note);
    const KernelTimer timer = create(CLOCK_MONOTONIC);
    const itimerval once{.it_interval = {}, .it_value = {0, 20'000}};
    check(start(timer, 20 * millisecond, 0) == 0 && setitimer(ITIMER_REAL, &once, nullptr) == 0, "start");
    const int status = status_of_child([&] {
        usleep(50'000);
        itimerspec setting{};
        check(taken == 0 && syscall(SYS_timer_gettime, timer, &setting) == -1 && errno == EINVAL, "a child has none");
    });
    check(status == 0, "child");
    sleep_until_taken(2);
    check(taken == 2, "the parent keeps them");
    const int executed = status_of_child([] {
        const itimerval later{.it_interval = {}, .it_value = {100, 0}};
        setitimer(ITIMER_REAL, &later, nullptr);
        check(create(CLOCK_MONOTONIC) == 0, "the first of this process");
        execl("/tests/timers", "timers", "--after-exec", nullptr);
        _exit(1);
    });
    check(executed == 0, "an executed program has that of setitimer and no other");
    int made = 0;
    while (made < 100'000 && create(CLOCK_MONOTONIC, SIGEV_NONE) >= 0)
        ++made;
    check(made >= 31 && made < 100'000 && errno == EAGAIN, "as many as there may be");
}

void set_clock(long nanoseconds_later)
{
    timespec time{};
    clock_gettime(CLOCK_REALTIME, &time);
    const timespec wanted = nanoseconds(to_nanoseconds(time) + nanoseconds_later);
    check(clock_settime(CLOCK_REALTIME, &wanted) == 0, "clock_settime");
}

// How long the child slept, in seconds.
double slept(pid_t child)
{
    siginfo_t info{};
    const double before = now();
    int result;
    while ((result = waitid(P_PID, static_cast<id_t>(child), &info, WEXITED)) == -1 && errno == EINTR) {
    }
    check(result == 0 && info.si_status == 0, "a sleeper");
    return now() - before;
}

// Waits for a point of real time follow the clock, others do not (POSIX.1, clock_settime).
void setting_the_clock()
{
    constexpr long second = 1'000'000'000;
    const auto at = [](long later) {
        timespec time{};
        clock_gettime(CLOCK_REALTIME, &time);
        return nanoseconds(to_nanoseconds(time) + later);
    };
    const auto sleep_until = [](timespec time) {
        return start_child([=] { check(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &time, nullptr) == 0, "sleep"); });
    };
    const pid_t early = sleep_until(at(100 * second));
    const pid_t in_futex = start_child([&] {
        int word = 0;
        const timespec time = at(100 * second);
        check(syscall(SYS_futex, &word, 9 | 256, 0, &time, nullptr, ~0u) == -1 && errno == ETIMEDOUT, "futex");
    });
    const pid_t relative = start_child([] {
        const timespec time = nanoseconds(2 * second);
        check(clock_nanosleep(CLOCK_REALTIME, 0, &time, nullptr) == 0, "sleep");
    });
    handle(SIGUSR1, note);
    handle(SIGUSR2, note);
    const KernelTimer point = create(CLOCK_REALTIME);
    const KernelTimer duration = create(CLOCK_REALTIME, SIGEV_SIGNAL, SIGUSR2);
    const timespec due = at(100 * second);
    check(start(point, to_nanoseconds(due), 0, TIMER_ABSTIME) == 0 && start(duration, 100 * second, 0) == 0, "timers");
    usleep(300'000);
    const double before = now();
    set_clock(100 * second);
    check(slept(early) < 1 && slept(in_futex) < 1, "who waits for a point of time that has come goes on");
    sleep_until_taken(1);
    check(taken == 1 && last_info.si_signo == SIGUSR1, "so does a timer");
    check(to_nanoseconds(setting_of(duration).it_value) > 90 * second, "not one that was set to a duration");
    check(slept(relative) > 0 && now() - before > 1, "nor a sleep for a duration");
    const pid_t late = sleep_until(at(second));
    const KernelTimer later = create(CLOCK_REALTIME);
    taken = 0;
    check(start(later, to_nanoseconds(at(second)), 0, TIMER_ABSTIME) == 0, "timer");
    usleep(200'000);
    set_clock(-second);
    const double slept_on = slept(late);
    check(slept_on > 1.2, "a point of time moves away");
    sleep_until_taken(1);
    check(taken == 1, "for timers, too");
    set_clock(-99 * second);
}

int after_exec()
{
    itimerval alarm_setting{};
    itimerspec setting{};
    getitimer(ITIMER_REAL, &alarm_setting);
    const bool none = syscall(SYS_timer_gettime, 0, &setting) == -1 && errno == EINVAL;
    return none && alarm_setting.it_value.tv_sec > 50 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments)
{
    if (count > 1 && std::string_view(arguments[1]) == "--after-exec")
        return after_exec();
    constexpr deeds::Deed all[] = {
        {"signals", signals_of_timers},
        {"overruns", overruns},
        {"ignored", ignored},
        {"notices", notices},
        {"processor-time", processor_time},
        {"limit", limit_of_processor_time},
        {"setting-the-clock", setting_the_clock},
        {"inheritance", inheritance},
    };
    return deeds::run(all, count > 1 ? arguments[1] : "all");
}
