// Checks what POSIX.1 promises about signals, from inside a process.
#include "tests/boot/programs/deeds.h"

#include <atomic>
#include <vector>

#include <sys/time.h>

namespace {

using namespace deeds;

std::atomic<int> handled{0};
std::array<int, 64> order;

void note_signal(int number, siginfo_t*, void*)
{
    order[static_cast<std::size_t>(handled.fetch_add(1)) % order.size()] = number;
}

void masks()
{
    handle(SIGUSR1, note_signal);
    handle(SIGUSR2, note_signal);
    sigset_t both;
    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    sigaddset(&both, SIGUSR2);
    sigprocmask(SIG_BLOCK, &both, nullptr);
    raise(SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR2);
    sigset_t pending;
    sigpending(&pending);
    check(handled == 0 && sigismember(&pending, SIGUSR1) == 1 && sigismember(&pending, SIGHUP) == 0, "blocked signals wait");
    sigprocmask(SIG_UNBLOCK, &both, nullptr);
    check(handled == 2, "a standard signal is pending once");
    sigprocmask(SIG_BLOCK, &both, nullptr);
    const pid_t parent = getpid();
    const pid_t child = start_child([&] {
        usleep(20000);
        kill(parent, SIGUSR1);
    });
    sigset_t none;
    sigemptyset(&none);
    check(sigsuspend(&none) == -1 && errno == EINTR && handled == 3, "sigsuspend waits for a signal");
    sigprocmask(SIG_BLOCK, nullptr, &pending);
    check(sigismember(&pending, SIGUSR1) == 1, "sigsuspend restores the mask");
    status_of(child);
}

void queued_signals()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 1);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    for (int i = 0; i < 3; ++i) {
        sigval value;
        value.sival_int = 10 + i;
        check(sigqueue(getpid(), SIGRTMIN + 1, value) == 0, "sigqueue");
    }
    for (int i = 0; i < 3; ++i) {
        siginfo_t info;
        check(sigwaitinfo(&set, &info) == SIGRTMIN + 1 && info.si_value.sival_int == 10 + i, "real-time signals queue in order");
    }
    const timespec brief{0, 10'000'000};
    check(sigtimedwait(&set, nullptr, &brief) == -1 && errno == EAGAIN, "sigtimedwait gives up");
}

void restarts()
{
    int ends[2];
    check(pipe(ends) == 0, "pipe");
    const pid_t parent = getpid();
    for (const int flags : {SA_RESTART, 0}) {
        handle(SIGUSR1, note_signal, flags);
        const pid_t child = start_child([&] {
            usleep(30000);
            kill(parent, SIGUSR1);
            usleep(30000);
            check(write(ends[1], "x", 1) == 1, "write");
        });
        char byte = 0;
        const ssize_t count = read(ends[0], &byte, 1);
        if (flags == SA_RESTART)
            check(count == 1 && byte == 'x', "read goes on after a handler with SA_RESTART");
        else
            check(count == -1 && errno == EINTR, "read ends for a handler without SA_RESTART");
        status_of(child);
    }
}

void note_stack(int, siginfo_t*, void* context)
{
    char here;
    auto* machine = static_cast<ucontext_t*>(context);
    const auto start = reinterpret_cast<std::uintptr_t>(machine->uc_stack.ss_sp);
    const auto position = reinterpret_cast<std::uintptr_t>(&here);
    _exit(position - start < machine->uc_stack.ss_size ? 42 : 43);
}

[[gnu::noinline]] int recurse(int depth)
{
    volatile char block[4096];
    block[0] = static_cast<char>(depth);
    return depth < 0 ? 0 : recurse(depth + 1) + block[0];
}

void alternate_stack()
{
    const int status = status_of_child([] {
        stack_t stack{};
        stack.ss_size = 32768;
        stack.ss_sp = map_memory(stack.ss_size, MAP_PRIVATE);
        sigaltstack(&stack, nullptr);
        handle(SIGSEGV, note_stack, SA_ONSTACK);
        recurse(1);
    });
    check(WIFEXITED(status) && WEXITSTATUS(status) == 42, "a stack overflow is handled on the alternate stack");
}

void interval_timer()
{
    handle(SIGALRM, note_signal);
    const itimerval every{{0, 20000}, {0, 20000}};
    setitimer(ITIMER_REAL, &every, nullptr);
    while (handled < 5)
        pause();
    const itimerval off{};
    itimerval former;
    setitimer(ITIMER_REAL, &off, &former);
    check(former.it_interval.tv_usec == 20000 && order[4] == SIGALRM, "an interval timer repeats");
    alarm(10);
    check(alarm(0) == 10, "alarm tells what was left");
}

// Four processes compute with vector registers while signals arrive; a lost register shows in the sum.
void vector_registers()
{
    const auto compute = [] {
        handle(SIGALRM, note_signal);
        const itimerval every{{0, 2000}, {0, 2000}};
        setitimer(ITIMER_REAL, &every, nullptr);
        double sum = 0;
        for (int i = 1; i < 3'000'000; ++i)
            sum += 1.0 / i;
        return sum;
    };
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i)
        children.push_back(start_child([&] { check(compute() == compute(), "equal sums"); }));
    for (const pid_t child : children)
        check(status_of(child) == 0, "vector registers survive switches and handlers");
}

constexpr Deed all[] = {
    {"masks", masks},
    {"queued-signals", queued_signals},
    {"restarts", restarts},
    {"alternate-stack", alternate_stack},
    {"interval-timer", interval_timer},
    {"vector-registers", vector_registers},
};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
