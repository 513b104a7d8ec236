// Checks what POSIX.1 and Linux promise about processes and programs, from inside a process.
#include "tests/boot/programs/deeds.h"

#include <atomic>
#include <string>

#include <fcntl.h>
#include <linux/futex.h>
#include <spawn.h>
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

constexpr Deed all[] = {
    {"waiting", waiting},
    {"orphans", orphans},
    {"groups-and-sessions", groups_and_sessions},
    {"programs", programs},
    {"spawning", spawning},
    {"futexes", futexes},
};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
