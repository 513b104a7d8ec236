// SIGKILL ends a process wherever it waits or works in the kernel, soon. Each deed brings a child into one such place, kills it and
// looks how long it takes to be gone.
#include "tests/boot/programs/kill_deeds.h"

#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <termios.h>

namespace {

using namespace deeds;

void write_without_end()
{
    constexpr std::size_t two_gib = 2048 * mib;
    std::vector<iovec> parts(1024, {repeated_memory(two_gib), two_gib});
    const int null = open("/dev/null", O_WRONLY);
    while (writev(null, parts.data(), 1024) > 0) {
    }
}

void writing()
{
    kill_in("writev to /dev/null", write_without_end);
}

void reading()
{
    kill_in("read of /dev/zero", [] {
        auto* const memory = map_memory(32 * mib, MAP_PRIVATE);
        const int zero = open("/dev/zero", O_RDONLY);
        std::vector<iovec> parts(1024, {memory, 32 * mib});
        while (readv(zero, parts.data(), 1024) > 0) {
        }
    });
    kill_in("getrandom", [] {
        auto* const memory = map_memory(32 * mib, MAP_PRIVATE);
        while (syscall(SYS_getrandom, memory, 32 * mib, 0) > 0) {
        }
    });
}

// The module waiting is loaded.
void positions()
{
    const int device = open("/dev/waiting", O_RDONLY);
    check(device >= 0, "the module waiting is loaded");
    const auto read_it = [&] {
        char byte;
        static_cast<void>(read(device, &byte, 1));
    };
    const pid_t first = start_child(read_it);
    settle();
    kill_in("a second reader behind the first", read_it);
    kill_in("lseek behind a reader", [&] { lseek(device, 0, SEEK_SET); });
    kill_and_see(first, "a driver's read");
}

// The module waiting is being loaded by another process, whose id is in /tmp/loader, and its init waits until the device is open; then it
// fails. insmod is killed while the device is still open; only its close lets the module go.
void failed_init()
{
    const int device = open("/dev/waiting", O_RDONLY);
    check(device >= 0, "the device of a module that starts");
    kill_in("a load of a module that is in use", [] {
        const int file = open("/tests/modules/waiting.ko", O_RDONLY);
        syscall(SYS_finit_module, file, "", 0);
    });
    settle();
    int loader = 0;
    if (FILE* const file = std::fopen("/tmp/loader", "r")) {
        check(std::fscanf(file, "%d", &loader) == 1, "the loader's id");
        std::fclose(file);
    }
    check(loader > 1 && kill(loader, SIGKILL) == 0, "the loader is in its call");
    for (int i = 0; i < 50 && kill(loader, 0) == 0; ++i)
        usleep(100'000);
    check(kill(loader, 0) == -1, "a load whose init failed while its device was open");
    check(access("/sys/module/waiting/initstate", F_OK) == -1, "a module on its way out is not shown");
    close(device);
}

// The module waiting is loaded with an exit that waits. Its removal can be killed as far as the module's exit lets it, and is complete then;
// others do not wait for it, or can be killed meanwhile.
void removal()
{
    const auto remove_it = [] { return syscall(SYS_delete_module, "waiting", O_NONBLOCK); };
    const pid_t remover = start_child([&] { remove_it(); });
    settle();
    check(remove_it() == -1 && errno == EBUSY, "a second removal is refused");
    kill_in("a load of a module that is being removed", [] {
        const int file = open("/tests/modules/waiting.ko", O_RDONLY);
        syscall(SYS_finit_module, file, "", 0);
    });
    kill_and_see(remover, "a removal whose exit waits");
    check(access("/sys/module/waiting", F_OK) == -1, "the module is gone with who removed it");
}

// The module waiting is loaded. Its removal waits for who looks at a parameter; killed meanwhile, it has changed nothing.
void visited_module()
{
    const auto set_hold = [](char value) {
        const int file = open("/sys/module/waiting/parameters/hold", O_WRONLY);
        check(write(file, &value, 1) == 1, "parameters/hold is set");
        close(file);
    };
    const auto remove_it = [] { return syscall(SYS_delete_module, "waiting", O_NONBLOCK); };
    const auto look = [] {
        char text[16];
        const int file = open("/sys/module/waiting/parameters/look", O_RDONLY);
        check(read(file, text, sizeof text) == 7 && text[0] == 'l', "a look");
    };
    set_hold('1');
    const pid_t looker = start_child(look);
    settle();
    kill_in("a removal behind a look", [&] { remove_it(); });
    check(access("/sys/module/waiting/parameters/look", F_OK) == 0, "the module is there as before");
    const pid_t remover = start_child([&] { check(remove_it() == 0, "a removal behind a look that ends"); });
    settle();
    check(access("/sys/module/waiting", F_OK) == -1, "nobody looks once it is on its way out");
    kill(looker, SIGKILL);
    check(status_of(remover) == 0 && is_gone(looker), "both end");
}

void terminal_output()
{
    const int console = open("/dev/console", O_WRONLY | O_NOCTTY);
    const auto write_it = [&] { static_cast<void>(write(console, "written\n", 8)); };
    std::fflush(stdout);
    check(tcflow(console, TCOOFF) == 0, "output is stopped");
    const pid_t first = start_child(write_it);
    settle();
    const pid_t second = start_child(write_it);
    settle();
    kill(second, SIGKILL);
    kill(first, SIGKILL);
    settle();
    const bool second_gone = is_gone(second);
    const bool first_gone = is_gone(first);
    tcflow(console, TCOON);
    check(second_gone, "a second writer to a stopped terminal");
    check(first_gone, "a writer to a stopped terminal");
}

// A process that has no controlling terminal and is not root.
void terminal_right()
{
    const int console = open("/dev/console", O_RDWR | O_NOCTTY);
    const int status = status_of_child([&] {
        setsid();
        check(setgid(1000) == 0 && setuid(1000) == 0, "an ordinary user");
        check(tcflow(console, TCOOFF) == -1 && errno == EPERM, "no right to stop another's terminal");
    });
    tcflow(console, TCOON);
    check(status == 0, "the terminal goes on");
}

void log_readers()
{
    const int log = open("/dev/kmsg", O_RDONLY);
    lseek(log, 0, SEEK_END);
    const auto read_it = [&] {
        std::array<char, 8192> record;
        while (read(log, record.data(), record.size()) > 0) {
        }
    };
    const pid_t first = start_child(read_it);
    settle();
    kill_in("a second reader of the log", read_it);
    kill_and_see(first, "a reader of the log");
    kill_in("syslog", [] {
        std::array<char, 8192> text;
        while (syscall(SYS_syslog, 2, text.data(), text.size()) > 0) {
        }
    });
}

// The child of vfork goes on without its parent.
void vfork_parent()
{
    auto* const shared = map_memory<volatile pid_t>(page, MAP_SHARED);
    kill_in("vfork's parent", [&] {
        if (vfork() == 0) {
            *shared = getpid();
            for (;;)
                pause();
        }
    });
    check(kill(*shared, 0) == 0, "its child lives");
    kill(*shared, SIGKILL);
}

void pipes()
{
    mkfifo("/tmp/fifo", 0600);
    kill_in("open of a FIFO for reading", [] { open("/tmp/fifo", O_RDONLY); });
    kill_in("open of a FIFO for writing", [] { open("/tmp/fifo", O_WRONLY); });
    unlink("/tmp/fifo");
    int ends[2];
    check(pipe(ends) == 0, "a pipe");
    kill_in("read of an empty pipe", [&] {
        char byte;
        static_cast<void>(read(ends[0], &byte, 1));
    });
    kill_in("write to a full pipe", [&] {
        std::vector<char> much(mib);
        static_cast<void>(write(ends[1], much.data(), much.size()));
    });
}

// A signal that is handled leaves transfers of files whole, and may cut those of devices short; the call goes on either way.
void handled_signals()
{
    constexpr std::size_t size = 64 * mib;
    handle(SIGALRM, [](int, siginfo_t*, void*) {});
    auto* const memory = map_memory(size, MAP_PRIVATE);
    const int file = open("/tmp/sparse", O_RDWR | O_CREAT, 0600);
    check(ftruncate(file, size) == 0, "a file with a hole");
    const itimerval often{{0, 5000}, {0, 5000}};
    setitimer(ITIMER_REAL, &often, nullptr);
    check(pread(file, memory, size, 0) == size, "a file is read whole");
    check(read(open("/dev/zero", O_RDONLY), memory, size) > 0, "some zeros");
    unlink("/tmp/sparse");
}

// A signal that ends the process by default is as final as SIGKILL where it is not blocked or handled.
void other_signals()
{
    const pid_t child = start_child(write_without_end);
    settle();
    kill(child, SIGTERM);
    int status = 0;
    for (int i = 0; i < 500 && waitpid(child, &status, WNOHANG) == 0; ++i)
        usleep(10'000);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "SIGTERM ends a long call");
}

void many_arguments()
{
    kill_in("exec over and over", [] {
        std::vector<char*> arguments(20000, const_cast<char*>("an argument of some length that says nothing"));
        arguments[0] = const_cast<char*>("sh");
        arguments[1] = const_cast<char*>("-c");
        arguments[2] = const_cast<char*>("while true; do /bin/busybox true \"$@\"; done");
        arguments.push_back(nullptr);
        execv("/bin/busybox", arguments.data());
    });
}

// Stays in writev until it is killed, for tests of what the others can do meanwhile.
void busy()
{
    write_without_end();
}

constexpr Deed all[] = {
    {"writing", writing}, {"reading", reading}, {"positions", positions}, {"failed-init", failed_init},
    {"removal", removal}, {"visited", visited_module}, {"terminal-output", terminal_output},
    {"terminal-right", terminal_right}, {"log-readers", log_readers}, {"vfork-parent", vfork_parent}, {"pipes", pipes},
    {"handled-signals", handled_signals},
    {"other-signals", other_signals}, {"many-arguments", many_arguments}, {"busy", busy},
};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
