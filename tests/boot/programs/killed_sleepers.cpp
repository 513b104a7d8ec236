// SIGKILL ends a process that waits for what others do, or never do: for words, children, time, locks, disks, the same file or memory.
#include "tests/boot/programs/kill_deeds.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace {

using namespace deeds;

void sleepers()
{
    kill_in("futex", [] {
        static unsigned word = 0;
        syscall(SYS_futex, &word, FUTEX_WAIT, 0, nullptr);
    });
    kill_in("futex for bits, with a time", [] {
        static unsigned word = 0;
        const timespec far{1'000'000, 0};
        syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0, &far, nullptr, 1);
    });
    kill_in("wait for a child", [] {
        const pid_t child = start_child([] { sleep(8); });
        waitpid(child, nullptr, 0);
    });
    kill_in("nanosleep", [] { sleep(1000); });
    kill_in("poll", [] { poll(nullptr, 0, -1); });
    kill_in("sigtimedwait with all signals blocked", [] {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, nullptr);
        sigset_t one{};
        sigaddset(&one, SIGUSR1);
        siginfo_t information;
        syscall(SYS_rt_sigtimedwait, &one, &information, nullptr, 8);
    });
}

void lock_range(int file, int command)
{
    struct flock lock {};
    lock.l_type = F_WRLCK;
    fcntl(file, command, &lock);
}

void locks()
{
    const char* const name = "/tmp/killed-locks";
    const auto opened = [&] { return open(name, O_RDWR | O_CREAT, 0600); };
    const int whole = opened();
    check(flock(whole, LOCK_EX) == 0, "flock");
    kill_in("flock", [&] { flock(opened(), LOCK_EX); });
    check(flock(opened(), LOCK_EX | LOCK_NB) == -1, "who waited got nothing");
    lock_range(whole, F_SETLK);
    kill_in("F_SETLKW", [&] { lock_range(opened(), F_SETLKW); });
    kill_in("F_OFD_SETLKW", [&] { lock_range(opened(), F_OFD_SETLKW); });
    unlink(name);
}

// The module waiting is loaded, and its disk holds every transfer from `hold` on.
void hold_disk(const char* text)
{
    const int file = open("/sys/module/waiting/parameters/hold", O_WRONLY);
    check(file >= 0 && write(file, text, 1) == 1, "the disk holds");
    close(file);
}

void disks()
{
    hold_disk("1");
    const auto read_it = [] {
        char byte;
        static_cast<void>(read(open("/dev/waitingdisk", O_RDONLY), &byte, 1));
    };
    const pid_t first = start_child(read_it);
    settle();
    kill_in("a second reader of a page that a disk does not give", read_it);
    kill_in("a fault on it", [] {
        const auto* const memory = map_memory<volatile char>(page, MAP_SHARED, open("/dev/waitingdisk", O_RDONLY), PROT_READ);
        check(memory != nullptr && *memory == 0, "mapped");
    });
    kill_in("a write of part of it", [] { static_cast<void>(write(open("/dev/waitingdisk", O_WRONLY), "x", 1)); });
    kill_in("mount of it", [] { mount("/dev/waitingdisk", "/mnt", "ext2", MS_RDONLY, nullptr); });
    const pid_t mounting = start_child([] { mount("/dev/waitingdisk", "/mnt", "ext2", MS_RDONLY, nullptr); });
    settle();
    check(mount("none", "/mnt", "tmpfs", 0, nullptr) == 0 && umount("/mnt") == 0, "others mount and unmount meanwhile");
    kill_and_see(mounting, "mount behind a reader");
    kill_and_see(first, "a disk's read");
    hold_disk("0");
}

void write_again_and_again(const char* name)
{
    char* const memory = map_memory(32 * mib, MAP_PRIVATE);
    const int file = open(name, O_WRONLY | O_CREAT, 0600);
    while (pwrite(file, memory, 32 * mib, 0) > 0) {
    }
}

void same_file()
{
    const char* const name = "/tmp/killed-writers";
    const pid_t first = start_child([&] { write_again_and_again(name); });
    settle();
    kill_in("a second writer to a file", [&] { write_again_and_again(name); });
    kill_in("truncation behind a writer", [&] {
        while (truncate(name, 64) == 0) {
        }
    });
    kill_and_see(first, "a writer");
    unlink(name);
}

// Processes that share their memory wait for each other in calls about it.
void same_memory()
{
    char* const memory = map_memory(64 * mib, MAP_PRIVATE);
    const auto change_it = [&] {
        for (;;) {
            mprotect(memory, 64 * mib, PROT_READ);
            mprotect(memory, 64 * mib, PROT_READ | PROT_WRITE);
            madvise(memory, 64 * mib, MADV_DONTNEED);
            memory[0] = 1;
        }
    };
    const pid_t changing = start_child([&] {
        std::array<char, 65536> stack;
        struct Run {
            static int body(void* change)
            {
                (*static_cast<decltype(change_it)*>(change))();
                return 0;
            }
        };
        auto change = change_it;
        const pid_t other = clone(Run::body, stack.data() + stack.size(), CLONE_VM | SIGCHLD, &change);
        settle();
        kill_in("a change of memory that another process changes, too", change_it);
        kill_and_see(other, "a process that shares its memory");
    });
    check(status_of(changing) == 0, "both");
}

constexpr Deed all[] = {
    {"sleepers", sleepers}, {"locks", locks}, {"disks", disks}, {"same-file", same_file}, {"same-memory", same_memory},
};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
