// The larger calls without memory: each allocation in loading and removing modules, in mounting, opening, forking and executing fails in
// turn. The errno is right, what the call would have changed is as before, and no object stays behind.

#include <string>

#include <sys/mount.h>
#include <sys/prctl.h>

#include "tests/boot/programs/fail_nth.h"
#include "tests/boot/programs/module_calls.h"
#include "tests/boot/programs/user.h"

namespace {

using namespace deeds;

// Objects of the kernel's heap, as the debug kernel counts them; elsewhere KiB of free memory, which other things change, too.
long objects_now()
{
    if (const std::string counted = modules::contents("/proc/sys/kernel/heap_objects"); !counted.empty())
        return std::stol(counted);
    const std::string memory = modules::contents("/proc/meminfo");
    return -std::stol(memory.substr(memory.find(':', memory.find("MemFree")) + 1));
}

long tolerated()
{
    constexpr long kibibytes_elsewhere = 256;
    return access("/proc/sys/kernel/heap_objects", F_OK) == 0 ? 0 : kibibytes_elsewhere;
}

// The first round fills caches. What a failing call leaves behind it leaves in every round; others leave things now and then.
void without_loss(const char* what, const std::function<void()>& loop)
{
    loop();
    long lost = 0;
    for (int round = 0; round < 5; ++round) {
        const long before = objects_now();
        loop();
        usleep(50'000);  // what is given back a moment later
        lost = objects_now() - before;
        if (lost <= tolerated())
            return;
    }
    std::printf("%s: %ld lost\n", what, lost);
    check(false, "nothing is left behind");
}

std::string loaded()
{
    return modules::contents("/proc/modules");
}

long answer(int error)
{
    errno = error;
    return error == 0 ? 0 : -1;
}

constexpr const char* plain = "/tests/modules/hello.ko";
constexpr const char* dependent = "/tests/modules/needs_crc16.ko";
constexpr const char* library = "/tests/modules/crc16.ko";

void loads()
{
    const std::string image = modules::contents(plain);
    without_loss("init_module", [&] {
        fail_everywhere("init_module", loaded, [&] { return answer(modules::load(image, "who=nobody times=2")); });
        fail_everywhere("delete_module", loaded, [] { return answer(modules::remove("hello")); });
    });
    without_loss("finit_module", [&] {
        const int file = open(plain, O_RDONLY | O_CLOEXEC);
        fail_everywhere("finit_module", loaded, [&] { return syscall(SYS_finit_module, file, "", 0); });
        close(file);
        check(modules::remove("hello") == 0, "it goes");
    });
    check(modules::load_file(library) == 0, "what it needs");
    without_loss("a module that needs another", [&] {
        const int file = open(dependent, O_RDONLY | O_CLOEXEC);
        fail_everywhere("finit_module of a module that needs another", loaded, [&] { return syscall(SYS_finit_module, file, "", 0); });
        close(file);
        fail_everywhere("delete_module of it", loaded, [] { return answer(modules::remove("needs_crc16")); });
    });
    check(modules::remove("crc16") == 0, "what it needed goes");
    check(failures_in_all > 10, "calls were hit");
}

std::string mounted()
{
    return modules::contents("/proc/self/mounts");
}

void mounts()
{
    const std::string place = "/tmp/mounted", other = "/tmp/bound";
    mkdir(place.c_str(), 0700);
    mkdir(other.c_str(), 0700);
    for (const char* type : {"tmpfs", "proc", "sysfs", "devtmpfs"})
        without_loss(type, [&] {
            fail_everywhere("mount", mounted, [&] { return mount(type, place.c_str(), type, 0, nullptr); });
            fail_everywhere("mount of a directory", mounted, [&] { return mount(place.c_str(), other.c_str(), nullptr, MS_BIND, nullptr); });
            fail_everywhere("umount", mounted, [&] { return umount(other.c_str()); });
            check(umount(place.c_str()) == 0, "nothing is in use");
        });
    check(failures_in_all > 10, "calls were hit");
}

std::string descriptors()
{
    std::string text;
    for (int descriptor = 0; descriptor < 64; ++descriptor)
        text += fcntl(descriptor, F_GETFD) >= 0 ? 'x' : '-';
    return text + "\n";
}

void opens()
{
    for (const char* name : {"/tests/failing_calls", "/tmp", "/proc/self/maps", "/proc/modules", "/proc/meminfo", "/sys/module", "/dev/null", "/dev/zero",
                             "/dev/console", "/proc/self/fd/0"})
        without_loss(name, [name] {
            int opened = -1;
            fail_everywhere(name, descriptors, [&] { return opened = open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC); });
            close(opened);
        });
    check(failures_in_all > 10, "calls were hit");
}

void forks()
{
    const auto children = [] { return modules::contents("/proc/thread-self/children"); };
    without_loss("fork", [&] {
        fail_everywhere("fork", children, [] {
            const pid_t child = fork();
            if (child == 0)
                _exit(0);
            const int error = errno;
            if (child > 0)
                status_of(child);
            errno = error;
            return child;
        });
    });
    check(failures_in_all > 5, "calls were hit");
}

// What the child's status says.
constexpr int came_through = 40;
constexpr int came_through_unharmed = 41;

// Of the program that was executed in spite of it.
int tell_what_came()
{
    prctl(PR_SET_NAME, "came");
    const Failing failing;
    return failing.has_failed() ? came_through : came_through_unharmed;
}

// Where there is no way back, execve ends the process as Linux does. What fails later, fails for the C library, before main() or its loader.
bool ended_rightly(int status)
{
    constexpr int could_not_start = 127;
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGSEGV;
    const int code = WEXITSTATUS(status);
    return code == ENOMEM || code == came_through || code == came_through_unharmed || code == could_not_start;
}

void executions()
{
    without_loss("execve", [] {
        int refused = 0;
        for (int nth = 1; nth < 300; ++nth) {
            const int status = status_of_child([nth] {
                check(Failing().set(nth), "fail-nth can be set");
                execl("/proc/self/exe", "failing_calls", "came", nullptr);
                _exit(errno);
            });
            check(ended_rightly(status), "execve ends as it may");
            if (WIFEXITED(status) && WEXITSTATUS(status) == came_through_unharmed)
                break;
            refused += WIFEXITED(status) && WEXITSTATUS(status) == came_through ? 0 : 1;
        }
        check(refused > 5, "calls were hit");
    });
}

constexpr Deed all[] = {{"loads", loads}, {"mounts", mounts}, {"opens", opens}, {"forks", forks}, {"executions", executions}};

}  // namespace

int main(int argc, char** argv)
{
    if (argc == 2 && std::string_view(argv[1]) == "came")
        return tell_what_came();
    return run(all, argc == 2 ? argv[1] : "all");
}
