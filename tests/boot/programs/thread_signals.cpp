// Checks signals to processes with several threads, and to single threads.
#include "tests/boot/programs/thread_deeds.h"

#include <sched.h>

namespace {

using namespace deeds;

std::atomic<int> handled_in{0};
std::atomic<int> handled{0};

void note(int, siginfo_t*, void*)
{
    handled_in = thread_id();
    ++handled;
}

void block(int number, bool blocked = true)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, nullptr);
}

void directed_signals()
{
    handle(SIGUSR1, note);
    handle(SIGUSR2, note);
    block(SIGUSR1);
    std::atomic<pid_t> other{0};
    std::atomic<bool> stop{false};
    const Body body = [&] {
        block(SIGUSR1, false);
        other = thread_id();
        wait_until([&] { return stop.load(); });
    };
    const Joined thread(body);
    wait_until([&] { return other != 0; });
    kill(getpid(), SIGUSR1);
    wait_until([&] { return handled == 1; });
    check(handled_in == other, "a signal to the process goes to the thread that does not block it");
    syscall(SYS_tgkill, getpid(), other.load(), SIGUSR2);
    wait_until([&] { return handled == 2; });
    check(handled_in == other, "a signal to a thread goes there");
    pthread_kill(pthread_self(), SIGUSR1);
    sigset_t pending;
    sigpending(&pending);
    check(sigismember(&pending, SIGUSR1) == 1 && handled == 2, "a blocked one stays pending");
    check(field_of("/proc/self/status", "SigPnd:\t") == "0000000000000200", "for the thread alone");
    block(SIGUSR1, false);
    check(handled == 3 && handled_in == getpid(), "until it is unblocked");
    siginfo_t info{};
    info.si_code = SI_QUEUE;
    check(syscall(SYS_rt_tgsigqueueinfo, getpid(), other.load(), SIGUSR2, &info) == 0, "rt_tgsigqueueinfo");
    wait_until([&] { return handled == 4; });
    check(handled_in == other, "reaches the thread");
    stop = true;
}

// A signal that was meant for one thread is taken over when that thread blocks it before it looked.
void retargeted_signals()
{
    handle(SIGUSR1, note);
    std::atomic<bool> stop{false};
    block(SIGUSR1);
    const Body body = [&] {
        block(SIGUSR1, false);
        while (!stop)
            usleep(500);
    };
    const Joined first(body);
    const Joined second(body);
    const int before = handled;
    for (int i = 1; i <= 200; ++i) {
        kill(getpid(), SIGUSR1);
        wait_until([&] { return handled == before + i; });
    }
    stop = true;
}

// Waits for a signal in the caller while another thread sends it.
void waited_signals()
{
    block(SIGUSR1);
    const Body body = [] { usleep(20000), kill(getpid(), SIGUSR1); };
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    siginfo_t info;
    {
        const Joined thread(body);
        check(sigwaitinfo(&set, &info) == SIGUSR1 && info.si_pid == getpid(), "sigwaitinfo takes it");
    }
    timespec soon{.tv_sec = 0, .tv_nsec = 20'000'000};
    check(sigtimedwait(&set, nullptr, &soon) == -1 && errno == EAGAIN, "and it is gone");
}

// Of two signals that came together a thread that waits for both takes one; the other is for whoever does not block it.
void left_signals()
{
    handle(SIGUSR2, note);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    check(sched_setaffinity(0, sizeof one, &one) == 0, "on one processor");
    std::atomic<bool> stop{false};
    const Body body = [&] {
        wait_until([&] { return stop.load(); });
    };
    const Joined other(body);
    block(SIGUSR1);
    block(SIGUSR2);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    const Body sender = [] {
        block(SIGUSR1);
        block(SIGUSR2);
        usleep(50'000);
        kill(getpid(), SIGUSR1);
        kill(getpid(), SIGUSR2);
    };
    {
        const Joined sending(sender);
        check(sigwaitinfo(&set, nullptr) == SIGUSR1, "the first one");
    }
    for (int i = 0; i < 1000 && handled == 0; ++i)
        usleep(1000);
    check(handled == 1 && handled_in != getpid(), "the second one is handled elsewhere");
    stop = true;
}

void stop_and_continue()
{
    const pid_t child = start_child([] {
        std::atomic<unsigned> never{0};
        const Body sleeper = [&] { futex(never, FUTEX_WAIT_PRIVATE, 0); };
        const Body runner = [&] {
            for (;;)
                sched_yield();
        };
        const Joined a(sleeper), b(runner);
    });
    int status = 0;
    usleep(50000);
    for (int round = 0; round < 20; ++round) {
        kill(child, SIGSTOP);
        check(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status), "the group stops");
        kill(child, SIGCONT);
        check(waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status), "and goes on");
    }
    kill(child, SIGSTOP);
    waitpid(child, &status, WUNTRACED);
    kill(child, SIGKILL);
    check(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "a stopped group can be killed");
}

void ends()
{
    const auto with_blocked_siblings = [](const std::function<void()>& last) {
        return status_of_child([&] {
            static std::atomic<unsigned> never{0};
            static int ends[2];
            check(pipe(ends) == 0, "pipe");
            const Body in_futex = [] { futex(never, FUTEX_WAIT_PRIVATE, 0); };
            const Body in_read = [] { char byte; check(read(ends[0], &byte, 1) == 1, "never"); };
            const Body in_sleep = [] { sleep(1000); };
            const Body in_loop = [] {
                for (;;)
                    asm volatile("");
            };
            static Body other;
            other = last;
            for (const Body* body : {&in_futex, &in_read, &in_sleep, &in_loop, static_cast<const Body*>(&other)}) {
                pthread_t thread;
                pthread_create(&thread, nullptr, run_body, const_cast<Body*>(body));
            }
            sleep(1000);
        });
    };
    const int by_call = with_blocked_siblings([] { usleep(30000), _exit(9); });
    check(WIFEXITED(by_call) && WEXITSTATUS(by_call) == 9, "exit_group from another thread");
    const int by_signal = with_blocked_siblings([] { usleep(30000), kill(getpid(), SIGTERM); });
    check(WIFSIGNALED(by_signal) && WTERMSIG(by_signal) == SIGTERM, "a fatal signal ends all");
    const int by_fault = with_blocked_siblings([] { usleep(30000), __builtin_trap(); });
    check(WIFSIGNALED(by_fault) && WTERMSIG(by_fault) == SIGTRAP, "a fault ends all");
    const int directed = with_blocked_siblings([] { usleep(30000), pthread_kill(pthread_self(), SIGKILL); });
    check(WIFSIGNALED(directed) && WTERMSIG(directed) == SIGKILL, "SIGKILL to one thread ends all");
}

constexpr std::array<Deed, 6> all{{
    {"directed", directed_signals},
    {"retargeted", retargeted_signals},
    {"waited", waited_signals},
    {"left", left_signals},
    {"stop-and-continue", stop_and_continue},
    {"ends", ends},
}};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc > 1 ? argv[1] : "all");
}
