// Checks what POSIX.1 and Linux promise about processes, signals and memory, from inside a process: each deed is named by an
// argument and ends with status 0 when everything held.

#include <array>
#include <atomic>
#include <cerrno>
#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <linux/futex.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr std::size_t page = 4096;
int failures = 0;

void check(bool holds, const char* what)
{
    if (!holds) {
        ++failures;
        std::printf("process: does not hold: %s (errno %d)\n", what, errno);
    }
}

pid_t start_child(const std::function<void()>& body)
{
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        body();
        _exit(failures == 0 ? 0 : 1);
    }
    return child;
}

int status_of(pid_t child)
{
    int status = -1;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

int status_of_child(const std::function<void()>& body)
{
    return status_of(start_child(body));
}

void handle(int number, void (*handler)(int, siginfo_t*, void*), int flags = 0)
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

// Memory

void copy_on_write()
{
    char* memory = map_memory(3 * page, MAP_PRIVATE);
    std::memset(memory, 'p', 3 * page);
    const int status = status_of_child([&] {
        memory[0] = 'c';
        check(memory[page] == 'p', "a child sees what its parent wrote");
        check(status_of_child([&] { memory[0] = 'g'; }) == 0 && memory[0] == 'c', "a grandchild has its own copy");
    });
    check(status == 0 && memory[0] == 'p', "a parent does not see what its child wrote");
    memory[0] = 'q';
    check(memory[0] == 'q' && memory[2 * page] == 'p', "a parent writes after its child has gone");
}

void shared_memory()
{
    auto* counter = map_memory<std::atomic<int>>(page, MAP_SHARED);
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i)
        children.push_back(start_child([&] {
            for (int j = 0; j < 10000; ++j)
                counter->fetch_add(1);
        }));
    for (const pid_t child : children)
        status_of(child);
    check(counter->load() == 40000, "children share a counter");
}

void file_mappings()
{
    const int file = open("/tmp/mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
    check(file >= 0 && ftruncate(file, 2 * page + 100) == 0, "a file of two and a bit pages");
    char* shared = map_memory(3 * page, MAP_SHARED, file);
    char* copy = map_memory(3 * page, MAP_PRIVATE, file);
    shared[page] = 's';
    char byte = 0;
    check(pread(file, &byte, 1, page) == 1 && byte == 's', "a shared mapping writes the file");
    check(copy[page] == 's', "a private mapping reads the file");
    copy[page] = 'c';
    check(shared[page] == 's' && copy[page] == 'c', "a private mapping does not write the file");
    check(pwrite(file, "w", 1, 0) == 1 && shared[0] == 'w', "a shared mapping shows what is written");
    const int reader = open("/tmp/mapped", O_RDONLY);
    check(map_memory(page, MAP_SHARED, reader) == nullptr && errno == EACCES, "no writable mapping of a file open for reading");
    const int status = status_of_child([&] { static_cast<volatile char*>(shared)[3 * page - 1] = 1; });
    check(status == 0, "the rest of the last page can be used");
    check(ftruncate(file, page) == 0, "the file is cut off");
    const int beyond = status_of_child([&] {
        char* fresh = map_memory(2 * page, MAP_SHARED, file);
        static_cast<volatile char*>(fresh)[page] = 1;
    });
    check(WIFSIGNALED(beyond) && WTERMSIG(beyond) == SIGBUS, "beyond the end of a file is SIGBUS");
    close(reader);
    close(file);
    unlink("/tmp/mapped");
}

sigjmp_buf fault_return;
siginfo_t fault_info;

void note_fault(int, siginfo_t* info, void*)
{
    fault_info = *info;
    siglongjmp(fault_return, 1);
}

bool faults(volatile char* address, int code)
{
    if (sigsetjmp(fault_return, 1) != 0)
        return fault_info.si_addr == address && fault_info.si_code == code;
    *address = 1;
    return false;
}

void protections()
{
    handle(SIGSEGV, note_fault);
    char* memory = map_memory(4 * page, MAP_PRIVATE);
    std::memset(memory, 1, 4 * page);
    check(mprotect(memory + page, page, PROT_READ) == 0, "mprotect");
    check(faults(memory + page + 5, SEGV_ACCERR), "a write to read-only memory gives its address");
    check(munmap(memory + 2 * page, page) == 0, "munmap");
    check(faults(memory + 2 * page + 7, SEGV_MAPERR), "a write to unmapped memory gives its address");
    memory[3 * page] = 2;
    check(mprotect(memory, 4 * page, PROT_READ) == -1 && errno == ENOMEM, "mprotect over a hole");
    check(mprotect(memory + page, page, PROT_READ | PROT_WRITE) == 0, "mprotect back");
    memory[page] = 3;
    check(memory[page] == 3 && memory[page + 1] == 1, "memory is writable again and kept its contents");
    check(map_memory(std::size_t{1} << 60, MAP_PRIVATE) == nullptr && errno == ENOMEM, "a mapping too large for anything");
}

void break_and_remap()
{
    char* start = static_cast<char*>(sbrk(5 * page));
    std::memset(start, 'b', 5 * page);
    check(sbrk(-static_cast<long>(3 * page)) != reinterpret_cast<void*>(-1), "the break goes back");
    check(static_cast<char*>(sbrk(3 * page)) == start + 2 * page && start[2 * page] == 0, "memory of the break is fresh again");
    check(start[2 * page - 1] == 'b', "what stayed is kept");
    char* memory = map_memory(2 * page, MAP_PRIVATE);
    std::strcpy(memory + page, "moved");
    map_memory(page, MAP_PRIVATE);
    void* larger = mremap(memory, 2 * page, 64 * page, MREMAP_MAYMOVE);
    check(larger != MAP_FAILED && std::strcmp(static_cast<char*>(larger) + page, "moved") == 0, "mremap moves the contents");
    std::memset(static_cast<char*>(larger) + 2 * page, 1, 62 * page);
    check(mremap(larger, 64 * page, page, 0) == larger, "mremap shrinks in place");
}

// Signals

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

// Processes

void waiting()
{
    check(waitpid(-1, nullptr, 0) == -1 && errno == ECHILD, "no children");
    check(WEXITSTATUS(status_of_child([] { _exit(300 & 0xff); })) == 44, "exit status");
    const pid_t child = start_child([] { pause(); });
    check(waitpid(child, nullptr, WNOHANG) == 0, "WNOHANG");
    int status = 0;
    kill(child, SIGSTOP);
    check(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP, "stopped");
    kill(child, SIGCONT);
    check(waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status), "continued");
    kill(child, SIGSTOP);
    kill(child, SIGKILL);
    siginfo_t info{};
    check(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0 && info.si_code == CLD_KILLED &&
              info.si_status == SIGKILL && info.si_pid == child,
          "waitid tells and leaves it");
    check(waitpid(child, &status, 0) == child && WIFSIGNALED(status), "a stopped process can be killed");
    std::signal(SIGCHLD, SIG_IGN);
    start_child([] {});
    check(wait(nullptr) == -1 && errno == ECHILD, "ignored children are not kept");
    std::signal(SIGCHLD, SIG_DFL);
}

void orphans()
{
    int ends[2];
    check(pipe(ends) == 0, "pipe");
    status_of_child([&] {
        start_child([&] {
            while (getppid() != 1)
                usleep(1000);
            check(write(ends[1], "1", 1) == 1, "write");
        });
    });
    char byte = 0;
    check(read(ends[0], &byte, 1) == 1 && byte == '1', "init adopts orphans");
}

void groups_and_sessions()
{
    const int status = status_of_child([] {
        check(setpgid(0, 0) == 0 && getpgrp() == getpid(), "a group of its own");
        check(setsid() == -1 && errno == EPERM, "a group leader makes no session");
        const int inner = status_of_child([] {
            check(setsid() == getpid() && getsid(0) == getpid() && getpgrp() == getpid(), "a session");
            check(setpgid(0, getppid()) == -1 && errno == EPERM, "a session leader stays in its group");
        });
        check(inner == 0, "inner");
        check(kill(-getpid(), 0) == 0, "a group can be asked for");
        check(kill(-99999, SIGTERM) == -1 && errno == ESRCH, "an absent group");
    });
    check(status == 0, "groups");
}

void expect_exec_error(const char* file, int error, const char* what)
{
    char* const arguments[] = {const_cast<char*>(file), nullptr};
    char* const environment[] = {nullptr};
    check(execve(file, arguments, environment) == -1 && errno == error, what);
}

void write_file(const char* name, std::string_view text, mode_t permissions)
{
    const int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0700);
    check(write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()), "write");
    close(file);
    chmod(name, permissions);
}

void programs()
{
    write_file("/tmp/empty", "", 0700);
    write_file("/tmp/garbage", "\x7f" "ELF\x02\x01\x01 not really", 0700);
    write_file("/tmp/plain", "text", 0600);
    write_file("/tmp/loop", "#!/tmp/loop\n", 0700);
    write_file("/tmp/orphan", "#!/absent/interpreter\n", 0700);
    expect_exec_error("/tmp/absent", ENOENT, "an absent program");
    expect_exec_error("/tmp/empty", ENOEXEC, "an empty program");
    expect_exec_error("/tmp/garbage", ENOEXEC, "garbage");
    expect_exec_error("/tmp/plain", EACCES, "a file without execute permission");
    expect_exec_error("/tmp", EACCES, "a directory");
    expect_exec_error("/tmp/empty/x", ENOTDIR, "a path through a file");
    expect_exec_error("/tmp/loop", ELOOP, "a script that interprets itself");
    expect_exec_error("/tmp/orphan", ENOENT, "a script without interpreter");
    const std::string huge(200'000, 'x');
    char* const too_long[] = {const_cast<char*>("x"), const_cast<char*>(huge.c_str()), nullptr};
    check(execve("/bin/busybox", too_long, nullptr) == -1 && errno == E2BIG, "an argument that is too long");
    check(execve("/bin/busybox", reinterpret_cast<char* const*>(8), nullptr) == -1 && errno == EFAULT, "bad argument list");
    for (const char* name : {"/tmp/empty", "/tmp/garbage", "/tmp/plain", "/tmp/loop", "/tmp/orphan"})
        unlink(name);
}

void spawning()
{
    pid_t child = 0;
    char* const arguments[] = {const_cast<char*>("sh"), const_cast<char*>("-c"), const_cast<char*>("exit 7"), nullptr};
    check(posix_spawn(&child, "/bin/busybox", nullptr, nullptr, arguments, environ) == 0, "posix_spawn");
    check(WEXITSTATUS(status_of(child)) == 7, "a spawned program's status");
    check(posix_spawn(&child, "/tmp/absent", nullptr, nullptr, arguments, environ) == ENOENT, "posix_spawn reports errors");
    int marker = 1;
    volatile int* shared = &marker;
    const pid_t forked = vfork();
    if (forked == 0) {
        *shared = 2;
        _exit(3);
    }
    check(WEXITSTATUS(status_of(forked)) == 3 && marker == 2, "vfork shares memory and waits");
}

long futex(std::atomic<int>* word, int operation, int value)
{
    const timespec limit{5, 0};
    return syscall(SYS_futex, word, operation, value, operation == FUTEX_WAIT ? &limit : nullptr, nullptr, 0);
}

void futexes()
{
    auto* word = map_memory<std::atomic<int>>(page, MAP_SHARED);
    check(futex(word, FUTEX_WAIT, 1) == -1 && errno == EAGAIN, "a word that differs");
    const pid_t child = start_child([&] {
        while (word->load() == 0)
            futex(word, FUTEX_WAIT, 0);
    });
    usleep(30000);
    word->store(1);
    futex(word, FUTEX_WAKE, 1);
    check(status_of(child) == 0, "a waiter in another process is woken");
    const int broken = status_of_child([] { check(futex(reinterpret_cast<std::atomic<int>*>(8), FUTEX_WAKE, 1) == -1, "bad"); });
    check(broken == 0, "a bad address is refused");
}

struct Deed {
    std::string_view name;
    void (*run)();
};
constexpr Deed deeds[] = {
    {"copy-on-write", copy_on_write},
    {"shared-memory", shared_memory},
    {"file-mappings", file_mappings},
    {"protections", protections},
    {"break-and-remap", break_and_remap},
    {"masks", masks},
    {"queued-signals", queued_signals},
    {"restarts", restarts},
    {"alternate-stack", alternate_stack},
    {"interval-timer", interval_timer},
    {"vector-registers", vector_registers},
    {"waiting", waiting},
    {"orphans", orphans},
    {"groups-and-sessions", groups_and_sessions},
    {"programs", programs},
    {"spawning", spawning},
    {"futexes", futexes},
};

// Each in a process of its own, so that none disturbs the next.
int run_all(std::string_view wanted)
{
    int failed = 0;
    for (const Deed& deed : deeds) {
        if (wanted != "all" && wanted != deed.name)
            continue;
        const bool passed = status_of_child(deed.run) == 0;
        std::printf("process: %.*s %s\n", static_cast<int>(deed.name.size()), deed.name.data(), passed ? "done" : "failed");
        failed += passed ? 0 : 1;
    }
    return failed;
}

}  // namespace

int main(int argc, char** argv)
{
    return run_all(argc == 2 ? argv[1] : "all") == 0 ? 0 : 1;
}
