#pragma once

// Every system call that takes pointers, one row for each way in which it uses them, with arguments that are right, and the list of the
// calls that take none. tests/boot/programs/user_pointers.cpp aims the pointers elsewhere, and compares with what the kernel has.

#include "tests/boot/programs/deeds.h"

#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>

namespace pointers {

using deeds::check;

inline constexpr std::uint64_t here = static_cast<std::uint64_t>(AT_FDCWD);

alignas(16) inline char room[65536];  // whatever a call stores
inline char word_text[] = "name";
inline char missing[] = "/tmp/no/such/place";
inline char present[] = "/tmp";
inline char own_program[] = "/proc/self/exe";
inline char empty[] = "";
inline char* no_words[] = {nullptr};
inline timespec no_time{0, 0};
inline itimerspec no_setting{};
inline timespec long_time{20, 0};
inline iovec vector[1] = {{room, 8}};
inline open_how for_reading{};
inline std::uint64_t zero_offset = 0;
inline std::uint64_t other_offset = 0;
inline std::uint32_t futex_word = 0;
inline std::uint32_t capability_header[2] = {0x2008'0522, 0};
inline std::uint64_t usr1_set = std::uint64_t{1} << (SIGUSR1 - 1);

template <typename T>
std::uint64_t at(T* pointer)
{
    return reinterpret_cast<std::uint64_t>(pointer);
}

struct Row {
    long number;
    const char* name;
    std::array<std::uint64_t, 6> arguments;
    unsigned pointers;             // bit n: argument n is a pointer that must be refused
    bool root_only = false;        // others are refused before it is looked at
    void (*before)() = nullptr;    // makes the state in which the call comes as far as the pointer
};

// Descriptors that the rows use.
struct Files {
    int zero = open("/dev/zero", O_RDWR);
    int null = open("/dev/null", O_RDWR);
    int random = open("/dev/urandom", O_RDWR);
    int process = open("/proc/self/stat", O_RDONLY);
    int terminal = open("/dev/tty", O_RDWR);
    int disk = open("/dev/vda", O_RDONLY);  // its driver is loaded
    int file = temporary();
    int other_file = temporary();
    int folder = open("/tmp", O_RDONLY | O_DIRECTORY);
    int pipe_ends[2] = {-1, -1};

    Files()
    {
        check(zero >= 0 && null >= 0 && random >= 0 && process >= 0 && terminal >= 0 && folder >= 0, "files to use");
        check(disk >= 0, "a disk");
        check(pipe(pipe_ends) == 0 && write(pipe_ends[1], room, 64) == 64, "a pipe");
    }

private:
    static int temporary()
    {
        char name[] = "/tmp/pointers.XXXXXX";
        const int made = mkstemp(name);
        unlink(name);
        check(write(made, room, sizeof room) == sizeof room && lseek(made, 0, SEEK_SET) == 0, "a file to read");
        return made;
    }
};

inline std::uint64_t number_of(int descriptor)
{
    return static_cast<std::uint64_t>(descriptor);
}

// Those that a kind of file knows, and FIONBIO, which all do.
inline std::vector<Row> device_requests(const Files& files)
{
    const std::uint64_t terminal = number_of(files.terminal), disk = number_of(files.disk), pipe = number_of(files.pipe_ends[0]);
    return {
        {29, "ioctl FIONBIO", {pipe, 0x5421, at(room)}, 4},
        {29, "ioctl FIONREAD of a pipe", {pipe, 0x541b, at(room)}, 4},
        {29, "ioctl TCGETS", {terminal, 0x5401, at(room)}, 4},
        {29, "ioctl TCSETS", {terminal, 0x5402, at(room)}, 4},
        {29, "ioctl TCSETSW", {terminal, 0x5403, at(room)}, 4},
        {29, "ioctl TCSETSF", {terminal, 0x5404, at(room)}, 4},
        {29, "ioctl TIOCGPGRP", {terminal, 0x540f, at(room)}, 4},
        {29, "ioctl TIOCSPGRP", {terminal, 0x5410, at(room)}, 4},
        {29, "ioctl TIOCOUTQ", {terminal, 0x5411, at(room)}, 4},
        {29, "ioctl TIOCGWINSZ", {terminal, 0x5413, at(room)}, 4},
        {29, "ioctl TIOCSWINSZ", {terminal, 0x5414, at(room)}, 4},
        {29, "ioctl FIONREAD of a terminal", {terminal, 0x541b, at(room)}, 4},
        {29, "ioctl TIOCGSID", {terminal, 0x5429, at(room)}, 4},
        {29, "ioctl HDIO_GETGEO", {disk, 0x0301, at(room)}, 4},
        {29, "ioctl BLKROSET", {disk, 0x125d, at(room)}, 4, true},
        {29, "ioctl BLKROGET", {disk, 0x125e, at(room)}, 4},
        {29, "ioctl BLKGETSIZE", {disk, 0x1260, at(room)}, 4},
        {29, "ioctl BLKRAGET", {disk, 0x1263, at(room)}, 4},
        {29, "ioctl BLKSSZGET", {disk, 0x1268, at(room)}, 4},
        {29, "ioctl BLKIOMIN", {disk, 0x1278, at(room)}, 4},
        {29, "ioctl BLKIOOPT", {disk, 0x1279, at(room)}, 4},
        {29, "ioctl BLKALIGNOFF", {disk, 0x127a, at(room)}, 4},
        {29, "ioctl BLKPBSZGET", {disk, 0x127b, at(room)}, 4},
        {29, "ioctl BLKBSZGET", {disk, 0x80081270, at(room)}, 4},
        {29, "ioctl BLKGETSIZE64", {disk, 0x80081272, at(room)}, 4},
    };
}

inline std::vector<Row> calls_on_open_files(const Files& files)
{
    const std::uint64_t file = number_of(files.file), zero = number_of(files.zero), terminal = number_of(files.terminal);
    const std::uint64_t random = number_of(files.random), null = number_of(files.null), process = number_of(files.process);
    const std::uint64_t out_of_pipe = number_of(files.pipe_ends[0]), into_pipe = number_of(files.pipe_ends[1]);
    return {
        {25, "fcntl F_GETLK", {file, 5, at(room)}, 4},
        {25, "fcntl F_SETLK", {file, 6, at(room)}, 4},
        {25, "fcntl F_SETLKW", {file, 7, at(room)}, 4},
        {25, "fcntl F_OFD_GETLK", {file, 36, at(room)}, 4},
        {25, "fcntl F_OFD_SETLK", {file, 37, at(room)}, 4},
        {25, "fcntl F_OFD_SETLKW", {file, 38, at(room)}, 4},
        {61, "getdents64", {number_of(files.folder), at(room), 4096}, 2},
        {63, "read of a device", {zero, at(room), 64}, 2},
        {63, "read of random bytes", {random, at(room), 64}, 2},
        {63, "read of a file", {file, at(room), 64}, 2},
        {63, "read of a pipe", {out_of_pipe, at(room), 64}, 2},
        {63, "read of a made-up file", {process, at(room), 64}, 2},
        {63, "read of a terminal", {terminal, at(room), 64}, 2},
        {64, "write to nowhere", {null, at(room), 64}, 2},
        {64, "write to the generator", {random, at(room), 64}, 2},
        {64, "write to a file", {file, at(room), 64}, 2},
        {64, "write to a pipe", {into_pipe, at(room), 64}, 2},
        {64, "write to a terminal", {terminal, at(room), 64}, 2},
        {65, "readv", {zero, at(vector), 1}, 2},
        {66, "writev", {file, at(vector), 1}, 2},
        {67, "pread64", {file, at(room), 64, 0}, 2},
        {68, "pwrite64", {file, at(room), 64, 0}, 2},
        {69, "preadv", {file, at(vector), 1, 0, 0}, 2},
        {70, "pwritev", {file, at(vector), 1, 0, 0}, 2},
        {71, "sendfile", {into_pipe, file, at(&zero_offset), 8}, 4},
        {285, "copy_file_range", {file, at(&zero_offset), number_of(files.other_file), at(&other_offset), 8, 0}, 2 | 8},
        {286, "preadv2", {file, at(vector), 1, 0, 0, 0}, 2},
        {287, "pwritev2", {file, at(vector), 1, 0, 0, 0}, 2},
    };
}

inline std::vector<Row> calls_with_names(const Files& files)
{
    const std::uint64_t file = number_of(files.file), folder = number_of(files.folder);
    return {
        {17, "getcwd", {at(room), 4096}, 1},
        {33, "mknodat", {here, at(missing), 0100600, 0}, 2},
        {34, "mkdirat", {here, at(missing), 0700}, 2},
        {35, "unlinkat", {here, at(missing), 0}, 2},
        {36, "symlinkat", {at(word_text), here, at(missing)}, 5},
        {37, "linkat", {here, at(present), here, at(missing), 0}, 2 | 8},
        {38, "renameat", {here, at(missing), here, at(missing)}, 2 | 8},
        {39, "umount2", {at(missing), 0}, 1},
        {40, "mount", {at(word_text), at(present), at(word_text), 0, 0}, 1 | 2},
        {40, "mount, type and data", {at(word_text), at(present), at(word_text), 0, 0}, 4 | 16, true},
        {43, "statfs", {at(present), at(room)}, 3},
        {44, "fstatfs", {folder, at(room)}, 2},
        {45, "truncate", {at(missing), 0}, 1},
        {48, "faccessat", {here, at(present), 0}, 2},
        {49, "chdir", {at(present)}, 1},
        {51, "chroot", {at(missing)}, 1, true},
        {53, "fchmodat", {here, at(missing), 0700}, 2},
        {54, "fchownat", {here, at(missing), 0, 0, 0}, 2},
        {56, "openat", {here, at(present), 0}, 2},
        {59, "pipe2", {at(room), 0}, 1},
        {72, "pselect6", {1, at(room), 0, 0, at(&no_time), 0}, 2 | 4 | 8 | 16 | 32},
        {73, "ppoll", {at(room), 1, at(&no_time), 0, 8}, 1 | 4 | 8},
        {78, "readlinkat", {here, at(own_program), at(room), 64}, 2 | 4},
        {79, "newfstatat", {here, at(present), at(room), 0}, 2 | 4},
        {80, "fstat", {file, at(room)}, 2},
        {88, "utimensat", {here, at(missing), at(room), 0}, 2 | 4},
        {273, "finit_module", {file, at(empty), 0}, 2, true},
        {276, "renameat2", {here, at(missing), here, at(missing), 0}, 2 | 8},
        {291, "statx", {here, at(present), 0, 0x7ff, at(room)}, 2 | 16},
        {437, "openat2", {here, at(present), at(&for_reading), sizeof for_reading}, 2 | 4},
        {439, "faccessat2", {here, at(present), 0, 0}, 2},
    };
}

// A child that has ended and that nobody has waited for.
inline void make_zombie()
{
    const pid_t child = fork();
    if (child == 0)
        _exit(0);
    siginfo_t information{};
    while (waitid(P_PID, static_cast<id_t>(child), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
}

inline void raise_blocked()
{
    sigset_t set{};
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    raise(SIGUSR1);
}

inline void interrupt_soon()
{
    deeds::handle(SIGVTALRM, [](int, siginfo_t*, void*) {});
    const pid_t caller = getpid();
    if (fork() == 0) {
        usleep(100'000);
        kill(caller, SIGVTALRM);
        _exit(0);
    }
}

// The first of a process has the id 0.
inline void make_first_timer()
{
    int id = 0;
    syscall(SYS_timer_create, CLOCK_MONOTONIC, nullptr, &id);
}

inline std::vector<Row> calls_about_time_and_signals()
{
    const std::uint64_t self = static_cast<std::uint64_t>(getpid());
    return {
        {101, "nanosleep", {at(&no_time), 0}, 1},
        {101, "nanosleep, what is left", {at(&long_time), at(room)}, 2, false, interrupt_soon},
        {102, "getitimer", {0, at(room)}, 2},
        {103, "setitimer", {0, at(room), at(room)}, 2 | 4},
        {108, "timer_gettime", {0, at(room)}, 2, false, make_first_timer},
        {110, "timer_settime", {0, 0, at(&no_setting), at(room)}, 4 | 8},
        {107, "timer_create", {CLOCK_MONOTONIC, 0, at(room)}, 4},
        {107, "timer_create, the event", {CLOCK_MONOTONIC, at(room), at(room)}, 2},
        {112, "clock_settime", {0, at(room)}, 2, true},
        {113, "clock_gettime", {0, at(room)}, 2},
        {114, "clock_getres", {0, at(room)}, 2},
        {115, "clock_nanosleep", {0, 0, at(&no_time), 0}, 4},
        {115, "clock_nanosleep, what is left", {1, 0, at(&long_time), at(room)}, 8, false, interrupt_soon},
        {132, "sigaltstack", {at(room), 0}, 1},
        {132, "sigaltstack, the former", {0, at(room)}, 2},
        {133, "rt_sigsuspend", {at(room), 8}, 1},
        {134, "rt_sigaction", {10, 0, 0, 8}, 2 | 4},
        {135, "rt_sigprocmask", {0, 0, 0, 8}, 2 | 4},
        {136, "rt_sigpending", {at(room), 8}, 1},
        {137, "rt_sigtimedwait", {at(&usr1_set), 0, at(&no_time), 8}, 1 | 4},
        {137, "rt_sigtimedwait, the signal", {at(&usr1_set), at(room), at(&no_time), 8}, 2, false, raise_blocked},
        {138, "rt_sigqueueinfo", {self, 10, at(room)}, 4},
        {169, "gettimeofday", {at(room), at(room)}, 1 | 2},
        {170, "settimeofday", {at(room), 0}, 1, true},
        {240, "rt_tgsigqueueinfo", {self, self, 10, at(room)}, 8},
    };
}

inline std::vector<Row> calls_on_processes()
{
    constexpr std::uint64_t exited = WEXITED | WNOHANG | WNOWAIT;
    return {
        {90, "capget", {at(capability_header), at(room)}, 1 | 2},
        {91, "capset", {at(capability_header), at(room)}, 1 | 2},
        {95, "waitid", {P_ALL, 0, at(room), exited, at(room)}, 4 | 16, false, make_zombie},
        {98, "futex wait", {at(&futex_word), FUTEX_WAIT, 1, 0}, 1 | 8},
        {98, "futex wake", {at(&futex_word), FUTEX_WAKE, 1, 0}, 1},
        {98, "futex wait of this process", {at(&futex_word), FUTEX_WAIT_PRIVATE, 1, 0}, 1 | 8},
        {98, "futex requeue", {at(&futex_word), FUTEX_REQUEUE, 1, 1, at(&futex_word)}, 1 | 16},
        {98, "futex requeue by value", {at(&futex_word), FUTEX_CMP_REQUEUE, 1, 1, at(&futex_word), 0}, 1 | 16},
        {98, "futex operation", {at(&futex_word), FUTEX_WAKE_OP, 1, 1, at(&futex_word), 0}, 1 | 16},
        {98, "futex wait for bits", {at(&futex_word), FUTEX_WAIT_BITSET, 1, 0, 0, 1}, 1 | 8},
        {98, "futex wake by bits", {at(&futex_word), FUTEX_WAKE_BITSET, 1, 0, 0, 1}, 1},
        {100, "get_robust_list", {0, at(room), at(room)}, 2 | 4},
        {105, "init_module", {at(room), 64, at(empty)}, 1 | 4, true},
        {106, "delete_module", {at(word_text), 0}, 1, true},
        {116, "syslog", {3, at(room), 64}, 2, true},
        {118, "sched_setparam", {0, at(room)}, 2},
        {119, "sched_setscheduler", {0, 0, at(room)}, 4},
        {121, "sched_getparam", {0, at(room)}, 2},
        {122, "sched_setaffinity", {0, 8, at(room)}, 4},
        {123, "sched_getaffinity", {0, 8, at(room)}, 4},
        {127, "sched_rr_get_interval", {0, at(room)}, 2},
        {148, "getresuid", {at(room), at(room), at(room)}, 7},
        {150, "getresgid", {at(room), at(room), at(room)}, 7},
        {153, "times", {at(room)}, 1},
        {158, "getgroups", {32, at(room)}, 2},
        {159, "setgroups", {1, at(room)}, 2, true},
        {160, "uname", {at(room)}, 1},
        {161, "sethostname", {at(room), 4}, 1, true},
        {162, "setdomainname", {at(room), 4}, 1, true},
        {163, "getrlimit", {7, at(room)}, 2},
        {164, "setrlimit", {7, at(room)}, 2},
        {165, "getrusage", {0, at(room)}, 2},
        {167, "prctl PR_GET_PDEATHSIG", {2, at(room)}, 2},
        {167, "prctl PR_SET_NAME", {15, at(word_text)}, 2},
        {167, "prctl PR_GET_NAME", {16, at(room)}, 2},
        {167, "prctl PR_GET_CHILD_SUBREAPER", {37, at(room)}, 2},
        {168, "getcpu", {at(room), at(room), 0}, 1 | 2},
        {179, "sysinfo", {at(room)}, 1},
        {221, "execve", {at(own_program), at(no_words), at(no_words)}, 7},
        {260, "wait4", {static_cast<std::uint64_t>(-1), at(room), WNOHANG, at(room)}, 2 | 8, false, make_zombie},
        {261, "prlimit64", {0, 7, 0, at(room)}, 4 | 8},
        {232, "mincore", {at(room) & ~std::uint64_t{4095}, 8192, at(room)}, 4},
        {278, "getrandom", {at(room), 64, 0}, 1},
        {281, "execveat", {here, at(own_program), at(no_words), at(no_words), 0}, 2 | 4 | 8},
        {435, "clone3", {at(room), 64}, 1},
    };
}

inline std::vector<Row> rows(const Files& files)
{
    std::vector<Row> all;
    for (const auto& family : {calls_on_open_files(files), device_requests(files), calls_with_names(files), calls_about_time_and_signals(),
                               calls_on_processes()})
        all.insert(all.end(), family.begin(), family.end());
    return all;
}

// Numbers, words, descriptors and ranges of addresses are no pointers.
inline constexpr long without_pointers[] = {
    23, 24, 32, 46, 47, 50, 52, 55, 57, 62, 436,                           // descriptors
    81, 82, 83, 84, 213, 223, 267,                                         // sync and advice
    92, 124, 128, 129, 130, 131, 139, 142, 154, 155, 156, 157, 166, 172, 173, 178,
    143, 144, 145, 146, 147, 149, 151, 152, 174, 175, 176, 177,            // ids
    120, 125, 126, 140, 141,                                               // shares of the processors
    109, 111,                                                              // timers
    93, 94, 97,                                                            // exit, unshare
    214, 215, 216, 222, 226, 227, 228, 229, 230, 231, 233, 284,                    // ranges of the caller's memory
};

// What these are given is looked at later, or never.
inline constexpr long with_pointers_for_later[] = {96, 99, 220};
// There are no extended attributes: nothing is looked at before the answer EOPNOTSUPP.
inline constexpr long first_attribute_call = 5, last_attribute_call = 16;

}  // namespace pointers
