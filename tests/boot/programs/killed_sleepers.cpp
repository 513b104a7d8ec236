// SIGKILL ends a process that waits for what others do, or never do: for words, children, time, locks, disks, the same file or memory.
#include "tests/boot/programs/kill_deeds.h"

#include <string>

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

// A process that shares all memory with its parent.
pid_t start_thread(std::function<void()> body)
{
    struct Run {
        static int call(void* function)
        {
            (*static_cast<const std::function<void()>*>(function))();
            return 0;
        }
    };
    constexpr std::size_t stack_size = 65536;
    auto* const stack = new char[stack_size];
    return clone(Run::call, stack + stack_size, CLONE_VM | SIGCHLD, new std::function<void()>(std::move(body)));
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
        const pid_t other = start_thread(change_it);
        settle();
        kill_in("a change of memory that another process changes, too", change_it);
        kill_and_see(other, "a process that shares its memory");
    });
    check(status_of(changing) == 0, "both");
}

// Two processes that change a memory of very many regions without a pause hold it for as long as they like: who needs it for a call of
// his own, or to tell about it in /proc, can be killed.
void many_regions()
{
    constexpr std::size_t regions = 20000;
    char* const memory = map_memory(regions * page, MAP_PRIVATE | MAP_NORESERVE, -1, PROT_NONE);
    const auto change_it = [&] {
        for (;;) {
            mprotect(memory, regions * page, PROT_READ | PROT_EXEC);
            mprotect(memory, regions * page, PROT_READ);
        }
    };
    auto* const shared = map_memory<volatile char>(page, MAP_SHARED);
    for (std::size_t i = 0; i < regions; i += 2)
        if (mmap(memory + i * page, page, PROT_READ, MAP_SHARED | MAP_FIXED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
            check(false, "one more region");
    const pid_t changers[] = {start_thread(change_it), start_thread(change_it)};
    settle();
    const auto kill_sharer = [&](const char* what, const std::function<void()>& call) {
        const pid_t sharer = start_thread([&] {
            for (;;)
                call();
        });
        settle();
        kill_and_see(sharer, what);
    };
    kill_sharer("brk", [] { syscall(SYS_brk, 0); });
    kill_sharer("msync", [&] { msync(memory, regions * page, MS_ASYNC); });
    kill_sharer("madvise", [&] { madvise(memory, regions * page, MADV_WILLNEED); });
    kill_sharer("mlockall", [] { syscall(SYS_mlockall, MCL_FUTURE); });
    kill_sharer("a page that is shared", [&] {
        madvise(const_cast<char*>(shared), page, MADV_DONTNEED);
        *shared = 1;
    });
    for (const char* const name : {"stat", "statm", "status", "maps"}) {
        const std::string path = "/proc/" + std::to_string(changers[0]) + "/" + name;
        kill_sharer(name, [&] {
            static std::array<char, 65536> text;
            const int file = open(path.c_str(), O_RDONLY);
            while (read(file, text.data(), text.size()) > 0) {
            }
            close(file);
        });
    }
    for (const pid_t changer : changers)
        kill_and_see(changer, "who changes the memory");
}

// A file of which others have cut off and written much without a pause.
void cut_file()
{
    const char* const name = "/tmp/killed-cutters";
    const int file = open(name, O_RDWR | O_CREAT, 0600);
    const auto again_and_again = [](const std::function<void()>& call) {
        return [call] {
            for (;;)
                call();
        };
    };
    const auto allocate_and_cut = again_and_again([&] {
        static_cast<void>(!fallocate(file, 0, 0, 32 * mib));
        static_cast<void>(!ftruncate(file, 0));
    });
    const pid_t holders[] = {start_child(allocate_and_cut), start_child(allocate_and_cut)};
    settle();
    kill_in("ftruncate", again_and_again([&] { static_cast<void>(!ftruncate(file, 0)); }));
    kill_in("a hole", again_and_again([&] { fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 32 * mib); }));
    kill_in("pread", again_and_again([&] {
        char byte = 0;
        static_cast<void>(!pread(file, &byte, 1, 0));
    }));
    kill_in("fstat", again_and_again([&] {
        struct stat status {};
        fstat(file, &status);
    }));
    for (const pid_t holder : holders)
        kill_and_see(holder, "who cuts it");
    unlink(name);
}

// The module waiting is loaded. Who looks for a name holds its directory, who renames two and more.
void names()
{
    check(mkdir("/tmp/held", 0700) == 0 && mount("none", "/tmp/held", "waitingfs", 0, nullptr) == 0, "a file system that waits");
    hold_disk("1");
    const pid_t first = start_child([] { access("/tmp/held/first", F_OK); });
    settle();
    kill_in("a look for a second name", [] { access("/tmp/held/second", F_OK); });
    kill_in("a name that is made", [] { mkdir("/tmp/held/third", 0700); });
    kill_in("a name that goes", [] { unlink("/tmp/held/fourth"); });
    const auto rename_it = [] { rename("/tmp/held/fifth", "/tmp/held/sixth"); };
    const pid_t second = start_child(rename_it);
    settle();
    kill_in("a second rename", rename_it);
    const auto move_it = [] { rename("/tmp/held/folder1/seventh", "/tmp/held/folder2/eighth"); };
    const pid_t third = start_child(move_it);
    settle();
    kill_in("a second move from one directory to another", move_it);
    mkdir("/tmp/here", 0700);
    mkdir("/tmp/there", 0700);
    mkdir("/tmp/here/moved", 0700);
    check(rename("/tmp/here/moved", "/tmp/there/moved") == 0, "others rename meanwhile");
    kill_in("sync", [] { sync(); });
    kill_in("umount", [] { umount("/tmp/held"); });
    kill_in("umount of what may be in use", [] { umount2("/tmp/held", MNT_DETACH); });
    kill_in("remount", [] { mount("none", "/tmp/held", nullptr, MS_REMOUNT | MS_RDONLY, nullptr); });
    kill_and_see(third, "a move");
    kill_and_see(second, "a rename");
    kill_and_see(first, "a look for a name");
    hold_disk("0");
    for (const char* const folder : {"/tmp/there/moved", "/tmp/there", "/tmp/here"})
        rmdir(folder);
    check(umount("/tmp/held") == 0 && rmdir("/tmp/held") == 0, "it goes, whoever was killed when he detached it");
}

// The module waiting is loaded. The last close of a file may take long: whoever unmaps it holds nothing meanwhile.
void closing()
{
    const int device = open("/dev/waiting", O_RDONLY);
    char* const memory = map_memory(page, MAP_SHARED, device, PROT_READ);
    check(device >= 0 && memory != nullptr && close(device) == 0, "a mapping that alone keeps a file open");
    hold_disk("1");
    const pid_t closer = start_thread([&] { munmap(memory, page); });
    settle();
    alarm(10);  // ends the deed when it waits
    for (int i = 0; i < 10; ++i)
        munmap(map_memory(page, MAP_PRIVATE), page);
    check(waitpid(closer, nullptr, WNOHANG) == 0, "the file is not closed yet");
    hold_disk("0");
    check(waitpid(closer, nullptr, 0) == closer, "now it is");
}

// The module waiting is loaded. The log is to be stored where its disk has to be read first.
void log_readers()
{
    hold_disk("1");
    const auto memory_of_disk = [] {
        return map_memory(16 * page, MAP_PRIVATE, open("/dev/waitingdisk", O_RDONLY));
    };
    const auto read_log = [&] { syscall(SYS_syslog, 3, memory_of_disk(), 16 * page); };
    const auto read_records = [&] { static_cast<void>(!read(open("/dev/kmsg", O_RDONLY), memory_of_disk(), 16 * page)); };
    const pid_t first = start_child(read_log);
    const pid_t other = start_child(read_records);
    settle();
    std::array<char, 8192> text;
    check(syscall(SYS_syslog, 3, text.data(), text.size()) > 0, "others read the log meanwhile");
    check(read(open("/dev/kmsg", O_RDONLY), text.data(), text.size()) > 0, "and its records");
    kill_in("a second reader of the log", read_log);
    kill_in("a second reader of records", read_records);
    kill_and_see(first, "a reader of the log");
    kill_and_see(other, "a reader of records");
    // A text that somebody reads to such a place, by the same open file.
    const int texts = open("/proc/mounts", O_RDONLY);
    const pid_t reader = start_child([&] { static_cast<void>(!pread(texts, memory_of_disk(), page, 0)); });
    settle();
    kill_in("a second reader of a text", [&] {
        for (;;)
            static_cast<void>(!pread(texts, memory_of_disk(), page, 0));
    });
    kill_and_see(reader, "a reader of a text");
    hold_disk("0");
}

constexpr Deed all[] = {
    {"sleepers", sleepers}, {"locks", locks}, {"disks", disks}, {"same-file", same_file}, {"same-memory", same_memory},
    {"many-regions", many_regions}, {"cut-file", cut_file}, {"names", names}, {"log-readers", log_readers},
    {"closing", closing},
};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
