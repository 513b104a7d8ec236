// Checks how threads begin, what they share with their process and what is their own, and how they end.
#include "tests/boot/programs/thread_deeds.h"

#include <linux/sched.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace {

using namespace deeds;

// True when the thread's /proc state letter is `wanted`.
bool has_state(pid_t thread, char wanted)
{
    const std::string name = "/proc/self/task/" + std::to_string(thread) + "/stat";
    char text[256] = {};
    const int file = open(name.c_str(), O_RDONLY);
    const auto size = read(file, text, sizeof text - 1);
    close(file);
    const char* end = size > 0 ? std::strrchr(text, ')') : nullptr;
    return end != nullptr && end[2] == wanted;
}

void create_and_join()
{
    std::atomic<int> ran{0};
    const Body body = [&] { ++ran; };
    for (int i = 0; i < 1000; ++i) {
        pthread_t thread;
        if (pthread_create(&thread, nullptr, run_body, const_cast<Body*>(&body)) != 0 || pthread_join(thread, nullptr) != 0) {
            check(false, "create and join");
            return;
        }
    }
    check(ran == 1000, "all ran");
    wait_until([] { return field_of("/proc/self/status", "Threads:\t") == "1"; });  // who is joined may still be on its way out
}

void identity()
{
    check(thread_id() == getpid(), "the first thread has the process's id");
    std::atomic<pid_t> other{0};
    std::atomic<bool> go_on{false};
    const Body body = [&] {
        prctl(PR_SET_NAME, "other-name");
        check(getpid() != thread_id(), "a thread has an id of its own");
        other = thread_id();
        wait_until([&] { return go_on.load(); });
    };
    {
        const Joined thread(body);
        wait_until([&] { return other != 0; });
        const std::string folder = "/proc/self/task/" + std::to_string(other);
        check(field_of("/proc/self/status", "Threads:\t") == "2", "two threads");
        check(field_of(folder + "/comm", "") == "other-name", "comm of a thread");
        check(field_of("/proc/self/comm", "") == "threads", "comm of the process");
        check(field_of(folder + "/status", "Pid:\t") == std::to_string(other), "Pid of a thread");
        check(field_of(folder + "/status", "Tgid:\t") == std::to_string(getpid()), "Tgid of a thread");
        check(kill(other, 0) == 0, "any thread's id stands for the process");
        check(syscall(SYS_tgkill, getpid(), other.load(), 0) == 0, "tgkill finds it");
        check(syscall(SYS_tgkill, getppid(), other.load(), 0) == -1 && errno == ESRCH, "but not in another process");
        go_on = true;
    }
    wait_until([&] { return access(("/proc/self/task/" + std::to_string(other)).c_str(), F_OK) == -1 && errno == ENOENT; });
    check(syscall(SYS_tgkill, getpid(), other.load(), 0) == -1 && errno == ESRCH, "a thread that has ended is not found any more");
}

void flags()
{
    const auto fails_with = [](unsigned long flags, int error) {
        return syscall(SYS_clone, flags, nullptr, nullptr, nullptr, nullptr) == -1 && errno == error;
    };
    check(fails_with(CLONE_THREAD, EINVAL), "a thread without CLONE_SIGHAND");
    check(fails_with(CLONE_SIGHAND, EINVAL), "CLONE_SIGHAND without CLONE_VM");
    check(fails_with(CLONE_NEWNS | CLONE_FS, EINVAL), "a namespace");
    clone_args arguments{};
    arguments.flags = CLONE_VM;
    arguments.stack = 0x1000;
    check(syscall(SYS_clone3, &arguments, sizeof arguments) == -1 && errno == EINVAL, "a stack without a size");
    check(syscall(SYS_clone3, &arguments, 8) == -1 && errno == EINVAL, "arguments that are too short");
    arguments = {};
    arguments.exit_signal = SIGCHLD;
    const auto child = static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
    if (child == 0)
        _exit(7);
    check(WEXITSTATUS(status_of(child)) == 7, "clone3 makes a process");
}

void shared_directories()
{
    alignas(16) static char stack[65536];
    struct Shared {
        std::atomic<int> step{0};
    };
    static Shared shared;
    const auto body = [](void*) {
        umask(027);
        return chdir("/proc") == 0 ? 0 : 1;
    };
    const int plain = clone(body, stack + sizeof stack, CLONE_VM | SIGCHLD, nullptr);
    status_of(plain);
    char where[64];
    check(getcwd(where, sizeof where) != nullptr && std::strcmp(where, "/proc") != 0, "a directory of its own");
    const int sharing = clone(body, stack + sizeof stack, CLONE_VM | CLONE_FS | SIGCHLD, nullptr);
    check(status_of(sharing) == 0, "child");
    check(getcwd(where, sizeof where) != nullptr && std::strcmp(where, "/proc") == 0, "CLONE_FS shares the directory");
    check(umask(022) == 027, "CLONE_FS shares the umask");
    const auto apart = [](void*) {
        check(unshare(CLONE_NEWNS) == -1 && errno == EINVAL, "there are no namespaces");
        check(unshare(CLONE_FS | CLONE_FILES) == 0 && chdir("/") == 0 && close(STDIN_FILENO) == 0, "unshare");
        umask(077);
        return failures == 0 ? 0 : 1;
    };
    const int apart_child = clone(apart, stack + sizeof stack, CLONE_VM | CLONE_FS | CLONE_FILES | SIGCHLD, nullptr);
    check(status_of(apart_child) == 0, "child");
    check(getcwd(where, sizeof where) != nullptr && std::strcmp(where, "/proc") == 0 && umask(022) == 022, "unshare ends CLONE_FS");
    check(fcntl(STDIN_FILENO, F_GETFD) >= 0, "unshare ends CLONE_FILES");
    const Body in_thread = [] { check(unshare(CLONE_FILES) == -1 && errno == EINVAL, "a thread has what its process has"); };
    const Joined thread(in_thread);
}

void dead_leader()
{
    const pid_t child = start_child([] {
        static const Body body = [] {
            wait_until([] { return has_state(getpid(), 'Z'); });
            check(kill(getpid(), 0) == 0, "a process whose leader has ended is there");
            usleep(30000);
            syscall(SYS_exit, failures == 0 ? 4 : 5);
        };
        pthread_t thread;
        pthread_create(&thread, nullptr, run_body, const_cast<Body*>(&body));
        syscall(SYS_exit, 3);
    });
    const int status = status_of(child);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 3, "the leader's status, when the last thread has ended");
}

void execute_from_thread()
{
    const int status = status_of_child([] {
        static std::atomic<unsigned> never{0};
        static pid_t process = getpid();
        static const Body blocked = [] { futex(never, FUTEX_WAIT_PRIVATE, 0); };
        static const Body body = [] {
            const std::string id = std::to_string(process);
            execl("/tests/threads", "threads", "executed", id.c_str(), nullptr);
            _exit(99);
        };
        for (const Body* one : {&blocked, &blocked, &body}) {
            pthread_t thread;
            pthread_create(&thread, nullptr, run_body, const_cast<Body*>(one));
        }
        sleep(1000);
    });
    check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "execve from a thread takes over the process");
    // Several at once: one wins, and the process has one thread afterwards.
    const int race = status_of_child([] {
        static const Body body = [] {
            const std::string id = std::to_string(getpid());
            execl("/tests/threads", "threads", "executed", id.c_str(), nullptr);
            sleep(1000);
        };
        for (int i = 0; i < 4; ++i) {
            pthread_t thread;
            pthread_create(&thread, nullptr, run_body, const_cast<Body*>(&body));
        }
        sleep(1000);
    });
    check(WIFEXITED(race) && WEXITSTATUS(race) == 0, "execve from several threads");
}

// What execute_from_thread() executes.
int executed(const char* expected_id)
{
    check(std::to_string(getpid()) == expected_id && thread_id() == getpid(), "the leader's id");
    check(field_of("/proc/self/status", "Threads:\t") == "1", "alone");
    return failures == 0 ? 0 : 1;
}

void executed_with_shared_descriptors()
{
    const int file = open("/tests/threads", O_RDONLY | O_CLOEXEC);
    alignas(16) static char stack[65536];
    const auto body = [](void*) {
        execl("/tests/threads", "threads", "executed", std::to_string(getpid()).c_str(), nullptr);
        return 1;
    };
    const int child = clone(body, stack + sizeof stack, CLONE_FILES | SIGCHLD, nullptr);
    check(status_of(child) == 0, "the child executed");
    check(fcntl(file, F_GETFD) == FD_CLOEXEC, "a descriptor that its execve closed is open here");
    close(file);
}

void fork_from_threads()
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    std::atomic<int> good{0};
    std::atomic<bool> stop{false};
    const Body worker = [&] {
        while (!stop) {
            pthread_mutex_lock(&mutex);
            pthread_mutex_unlock(&mutex);
        }
    };
    const Body forker = [&] {
        for (int i = 0; i < 20; ++i) {
            const pid_t child = fork();
            if (child == 0)
                _exit(field_of("/proc/self/status", "Threads:\t") == "1" && thread_id() == getpid() ? 0 : 1);
            good += status_of(child) == 0 ? 1 : 0;
        }
    };
    {
        const Joined a(worker), b(worker);
        {
            const Joined c(forker), d(forker);
        }
        stop = true;
    }
    check(good == 40, "the child of a threaded process has one thread");
    int status = 0;
    const Body asker = [&] { check(waitpid(-1, nullptr, WNOHANG | __WNOTHREAD) == -1 && errno == ECHILD, "not its own"); };
    const pid_t child = start_child([] {});
    {
        const Joined thread(asker);
    }
    check(waitpid(child, &status, __WNOTHREAD) == child, "__WNOTHREAD finds the caller's own children");
    check(waitpid(-1, nullptr, __WCLONE) == -1 && errno == ECHILD, "no clone children");
}

void times_and_limits()
{
    const Body works = [] {
        const timespec none{};
        timespec used = none;
        while (used.tv_nsec < 60'000'000 && used.tv_sec == 0)
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    };
    {
        const Joined a(works), b(works);
    }
    timespec process{};
    timespec thread{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &process);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &thread);
    check(process.tv_nsec + process.tv_sec * 1'000'000'000 >= 120'000'000, "the process's time has its threads'");
    check(thread.tv_sec == 0 && thread.tv_nsec < 120'000'000, "the thread's has not");
    const int status = status_of_child([] {
        const rlimit few{.rlim_cur = 5, .rlim_max = 5};
        setrlimit(RLIMIT_NPROC, &few);
        check(setuid(12345) == 0, "setuid");
        static const Body idle = [] { pause(); };
        pthread_t other;
        int made = 0;
        int error = 0;
        while (made < 10 && (error = pthread_create(&other, nullptr, run_body, const_cast<Body*>(&idle))) == 0)
            ++made;
        check(error == EAGAIN && made >= 3 && made <= 5, "RLIMIT_NPROC counts threads");
        _exit(failures == 0 ? 0 : 1);
    });
    check(status == 0, "limits");
}

void parents()
{
    int ends[2];
    check(pipe(ends) == 0, "pipe");
    check(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0, "subreaper");
    status_of_child([&] {
        start_child([&] {
            const pid_t former = getppid();
            check(write(ends[1], "1", 1) == 1, "write");
            while (getppid() == former)
                usleep(1000);
            _exit(6);
        });
        char byte;
        check(read(ends[0], &byte, 1) == 1, "read");
    });
    int status = 0;
    check(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 6, "a subreaper gets its descendants' orphans");
    int out[2];
    check(pipe(out) == 0, "pipe");
    status_of_child([&] {
        start_child([&] {
            prctl(PR_SET_PDEATHSIG, SIGTERM);
            check(write(ends[1], "2", 1) == 1, "write");
            pause();
        });
        char byte;
        check(read(ends[0], &byte, 1) == 1, "read");
    });
    check(wait(&status) > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "PR_SET_PDEATHSIG");
}

// There is an end to threads before memory ends, and afterwards everything is as before.
void thread_limit()
{
    static std::atomic<unsigned> stop{0};
    static const Body body = [] {
        while (stop == 0)
            futex(stop, FUTEX_WAIT_PRIVATE, 0);
    };
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
    std::vector<pthread_t> threads;
    threads.reserve(40000);
    int error = 0;
    for (pthread_t thread; (error = pthread_create(&thread, &attributes, run_body, const_cast<Body*>(&body))) == 0;)
        threads.push_back(thread);
    check(error == EAGAIN, "EAGAIN at the limit");
    check(threads.size() > 200, "a machine carries some hundreds");
    stop = 1;
    futex(stop, FUTEX_WAKE_PRIVATE, 1 << 30);
    for (const pthread_t one : threads)
        pthread_join(one, nullptr);
    const Joined again(body);
}

constexpr std::array<Deed, 11> all{{
    {"create-and-join", create_and_join},
    {"identity", identity},
    {"flags", flags},
    {"shared-directories", shared_directories},
    {"dead-leader", dead_leader},
    {"execute-from-thread", execute_from_thread},
    {"shared-descriptors", executed_with_shared_descriptors},
    {"fork-from-threads", fork_from_threads},
    {"times-and-limits", times_and_limits},
    {"parents", parents},
    {"thread-limit", thread_limit},
}};

}  // namespace

int main(int argc, char** argv)
{
    if (argc == 3 && std::string_view(argv[1]) == "executed")
        return executed(argv[2]);
    return run(all, argc > 1 ? argv[1] : "all");
}
