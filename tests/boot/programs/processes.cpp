// Checks what POSIX.1 and Linux promise about processes and programs, from inside a process.
#include "tests/boot/programs/user.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <linux/futex.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace {

using namespace deeds;

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

// A child that ended before its parent did vanishes when who adopts it wants to hear of no child's end (POSIX.1, sigaction).
void unwanted_orphans()
{
    check(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0, "subreaper");
    int ends[2];
    check(pipe(ends) == 0, "pipe");
    for (const bool ignores : {true, false}) {
        struct sigaction action {};
        action.sa_handler = ignores ? SIG_IGN : SIG_DFL;
        action.sa_flags = ignores ? 0 : SA_NOCLDWAIT;
        check(sigaction(SIGCHLD, &action, nullptr) == 0, "sigaction");
        start_child([&] {
            signal(SIGCHLD, SIG_DFL);
            const pid_t zombie = start_child([] {});
            siginfo_t info{};
            check(waitid(P_PID, static_cast<id_t>(zombie), &info, WEXITED | WNOWAIT) == 0, "it has ended");
            check(write(ends[1], &zombie, sizeof zombie) == sizeof zombie, "write");
        });
        pid_t zombie = 0;
        check(read(ends[0], &zombie, sizeof zombie) == sizeof zombie, "read");
        check(wait(nullptr) == -1 && errno == ECHILD, "nobody is left to be waited for");
        check(kill(zombie, 0) == -1 && errno == ESRCH, "nor there at all");
    }
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

// A child that its parent made with a signal of its choice ends after the parent has become another program.
void exit_signals()
{
    const int status = status_of_child([] {
        if (syscall(SYS_clone, SIGKILL, nullptr, nullptr, nullptr, nullptr) == 0) {
            usleep(200'000);
            _exit(0);
        }
        execl("/bin/busybox", "sleep", "0.6", nullptr);
    });
    check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the new program gets SIGCHLD");
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

std::string text_of(const std::string& path)
{
    char text[64];
    const int file = open(path.c_str(), O_RDONLY);
    const ssize_t size = read(file, text, sizeof text);
    close(file);
    return {text, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

bool write_to(const std::string& path, const char* text)
{
    const int file = open(path.c_str(), O_WRONLY);
    const bool written = write(file, text, std::strlen(text)) == static_cast<ssize_t>(std::strlen(text));
    const int error = errno;
    close(file);
    errno = error;
    return written;
}

void names()
{
    const std::string own = "/proc/self/task/" + std::to_string(getpid()) + "/comm";
    char name[16];
    check(write_to(own, "another") && text_of("/proc/self/comm") == "another\n", "a name is written");
    check(prctl(PR_GET_NAME, name) == 0 && std::strcmp(name, "another") == 0, "and is the thread's");
    check(write_to(own, "much too long for a name") && text_of(own) == "much too long f\n", "as much of it as there is room for");
    check(!write_to("/proc/1/comm", "other") && errno == EINVAL, "only one's own");
    check(prctl(PR_GET_TIMERSLACK) == 50'000 && prctl(PR_SET_TIMERSLACK, 7'000) == 0, "timer slack");
    check(status_of_child([] {
              check(prctl(PR_GET_TIMERSLACK) == 7'000 && prctl(PR_SET_TIMERSLACK, 1) == 0, "inherited");
              check(prctl(PR_SET_TIMERSLACK, 0) == 0 && prctl(PR_GET_TIMERSLACK) == 7'000, "and what 0 stands for");
          }) == 0, "child");
}

// What the parent may not do to a process with other rights, it does not do by its death either.
void death_signals()
{
    copy_self("/tmp/set-id", 04755);
    const int status = status_of_child([] {
        int number = 0;
        check(prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && setgid(0) == 0, "without a change of rights");
        check(prctl(PR_GET_PDEATHSIG, &number) == 0 && number == SIGTERM, "it stays");
        check(setgid(1000) == 0 && setuid(1000) == 0, "a user");
        check(prctl(PR_GET_PDEATHSIG, &number) == 0 && number == 0, "changed credentials clear it");
        check(prctl(PR_SET_PDEATHSIG, SIGTERM) == 0, "set it again");
        execl("/tmp/set-id", "set-id", "--death-signal", nullptr);
        _exit(1);
    });
    check(status == 0, "a set-id program clears it");
    const int kept = status_of_child([] {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        execl("/tests/processes", "processes", "--death-signal", nullptr);
        _exit(1);
    });
    check(WIFEXITED(kept) && WEXITSTATUS(kept) == SIGTERM, "another program keeps it");
    const int dumped = status_of_child([] { abort(); });
    check(WIFSIGNALED(dumped) && !WCOREDUMP(dumped), "no dump is written, and none is announced");
}

constexpr Deed all[] = {
    {"waiting", waiting},
    {"orphans", orphans},
    {"unwanted-orphans", unwanted_orphans},
    {"groups-and-sessions", groups_and_sessions},
    {"programs", programs},
    {"spawning", spawning},
    {"names", names},
    {"death-signals", death_signals},
    {"exit-signals", exit_signals},
    {"futexes", futexes},
};

}  // namespace

int main(int argc, char** argv)
{
    if (argc == 2 && std::string_view(argv[1]) == "--death-signal") {
        int number = -1;
        prctl(PR_GET_PDEATHSIG, &number);
        return number;
    }
    return run(all, argc == 2 ? argv[1] : "all");
}
