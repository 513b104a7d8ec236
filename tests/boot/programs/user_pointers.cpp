// Every system call that takes pointers, with each of them in turn aimed at memory of the kernel, everything else being right: the answer is
// EFAULT and nothing else happens. A call of the kernel that stands neither among these nor among those without pointers is reported.

#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tests/boot/programs/deeds.h"

namespace {

using deeds::check;

// One place per kind of kernel memory: the linear map, device registers and stacks of the dynamic area, the kernel's text, modules;
// then the first address behind user space, one range that starts inside it, and no canonical address at all.
constexpr std::array<std::uint64_t, 9> kernel_places{
    0xffff'0000'4000'0000, 0xffff'0000'4020'1000, 0xffff'8000'0000'1000, 0xffff'8000'0001'0000, 0xffff'ffff'8000'1000,
    0xffff'ffff'8100'0000, 0x0001'0000'0000'0000, 0x1234'0000'0000'0000, 0xffff'ffff'ffff'fff8};

alignas(16) char room[65536];   // whatever a call stores
char word_text[] = "name";
char missing[] = "/tmp/no/such/place";
char present[] = "/tmp";
char empty[] = "";
char program[] = "/tests/user_pointers";
char* no_words[] = {nullptr};
timespec no_time{0, 0};
iovec vector[1] = {{room, 8}};
std::uint64_t zero_offset = 0;
std::uint32_t futex_word = 0;
std::uint32_t capability_header[2] = {0x2008'0522, 0};

std::uint64_t at(const void* pointer)
{
    return reinterpret_cast<std::uint64_t>(pointer);
}

struct Row {
    long number;
    const char* name;
    std::array<std::uint64_t, 6> arguments;
    unsigned pointers;  // bit n: argument n is a pointer that must be refused
    bool root_only = false;
};

constexpr std::uint64_t here = static_cast<std::uint64_t>(AT_FDCWD);

// Descriptors that the rows use.
struct Files {
    int zero = open("/dev/zero", O_RDWR);
    int file = open("/tmp", O_RDWR | O_TMPFILE, 0600);
    int folder = open("/tmp", O_RDONLY | O_DIRECTORY);
    int pipe_ends[2] = {-1, -1};

    Files()
    {
        if (file < 0) {
            const std::string name = "/tmp/pointers." + std::to_string(getpid());
            file = open(name.c_str(), O_RDWR | O_CREAT, 0600);
            unlink(name.c_str());
        }
        check(write(file, room, sizeof room) == sizeof room && lseek(file, 0, SEEK_SET) == 0, "a file to read");
        check(pipe(pipe_ends) == 0 && write(pipe_ends[1], room, 64) == 64, "a pipe");
    }
};

std::vector<Row> calls_on_files(const Files& files)
{
    const auto n = [](int descriptor) { return static_cast<std::uint64_t>(descriptor); };
    const std::uint64_t file = n(files.file), zero = n(files.zero), folder = n(files.folder);
    return {
        {17, "getcwd", {at(room), 4096}, 1},
        {25, "fcntl F_GETLK", {file, 5, at(room)}, 4},
        {29, "ioctl FIONREAD", {n(files.pipe_ends[0]), 0x541b, at(room)}, 4},
        {33, "mknodat", {here, at(missing), 0100600, 0}, 2},
        {34, "mkdirat", {here, at(missing), 0700}, 2},
        {35, "unlinkat", {here, at(missing), 0}, 2},
        {36, "symlinkat", {at(word_text), here, at(missing)}, 5},
        {37, "linkat", {here, at(present), here, at(missing), 0}, 2 | 8},
        {38, "renameat", {here, at(missing), here, at(missing)}, 2 | 8},
        {39, "umount2", {at(missing), 0}, 1, true},
        {40, "mount", {at(word_text), at(present), at(word_text), 0, 0}, 2 | 4, true},
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
        {61, "getdents64", {folder, at(room), 4096}, 2},
        {63, "read", {zero, at(room), 64}, 2},
        {64, "write", {file, at(room), 64}, 2},
        {65, "readv", {zero, at(vector), 1}, 2},
        {66, "writev", {file, at(vector), 1}, 2},
        {67, "pread64", {file, at(room), 64, 0}, 2},
        {68, "pwrite64", {file, at(room), 64, 0}, 2},
        {69, "preadv", {file, at(vector), 1, 0, 0}, 2},
        {70, "pwritev", {file, at(vector), 1, 0, 0}, 2},
        {71, "sendfile", {n(files.pipe_ends[1]), file, at(&zero_offset), 8}, 4},
        {72, "pselect6", {1, at(room), 0, 0, at(&no_time), 0}, 2 | 4 | 8 | 16 | 32},
        {73, "ppoll", {at(room), 1, at(&no_time), 0, 8}, 1 | 4 | 8},
        {78, "readlinkat", {here, at("/proc/self/exe"), at(room), 64}, 2 | 4},
        {79, "newfstatat", {here, at(present), at(room), 0}, 2 | 4},
        {80, "fstat", {file, at(room)}, 2},
        {88, "utimensat", {here, at(missing), at(room), 0}, 2 | 4},
    };
}

std::vector<Row> other_calls(const Files& files)
{
    const auto n = [](int descriptor) { return static_cast<std::uint64_t>(descriptor); };
    const std::uint64_t file = n(files.file), self = n(getpid());
    return {
        {90, "capget", {at(capability_header), at(room)}, 1 | 2},
        {91, "capset", {at(capability_header), at(room)}, 1},
        {98, "futex wait", {at(&futex_word), FUTEX_WAIT, 1, 0}, 1 | 8},
        {98, "futex wake", {at(&futex_word), FUTEX_WAKE, 1, 0}, 1},
        {101, "nanosleep", {at(&no_time), 0}, 1},
        {102, "getitimer", {0, at(room)}, 2},
        {103, "setitimer", {0, at(room), 0}, 2 | 4},
        {105, "init_module", {at(room), 64, at(empty)}, 1 | 4, true},
        {106, "delete_module", {at(word_text), 0}, 1, true},
        {112, "clock_settime", {0, at(room)}, 2, true},
        {113, "clock_gettime", {0, at(room)}, 2},
        {114, "clock_getres", {0, at(room)}, 2},
        {115, "clock_nanosleep", {0, 0, at(&no_time), 0}, 4},
        {116, "syslog", {3, at(room), 64}, 2, true},
        {122, "sched_setaffinity", {0, 8, at(room)}, 4},
        {123, "sched_getaffinity", {0, 8, at(room)}, 4},
        {132, "sigaltstack", {0, 0}, 1 | 2},
        {133, "rt_sigsuspend", {at(room), 8}, 1},
        {134, "rt_sigaction", {10, 0, 0, 8}, 2 | 4},
        {135, "rt_sigprocmask", {0, 0, 0, 8}, 2 | 4},
        {136, "rt_sigpending", {at(room), 8}, 1},
        {137, "rt_sigtimedwait", {at(room), 0, at(&no_time), 8}, 1 | 4},
        {138, "rt_sigqueueinfo", {self, 0, at(room)}, 0},
        {148, "getresuid", {at(room), at(room), at(room)}, 7},
        {150, "getresgid", {at(room), at(room), at(room)}, 7},
        {153, "times", {at(room)}, 1},
        {159, "setgroups", {1, at(room)}, 2, true},
        {160, "uname", {at(room)}, 1},
        {161, "sethostname", {at(room), 4}, 1, true},
        {162, "setdomainname", {at(room), 4}, 1, true},
        {163, "getrlimit", {7, at(room)}, 2},
        {164, "setrlimit", {7, at(room)}, 2},
        {165, "getrusage", {0, at(room)}, 2},
        {167, "prctl PR_SET_NAME", {15, at(word_text)}, 2},
        {167, "prctl PR_GET_NAME", {16, at(room)}, 2},
        {168, "getcpu", {at(room), at(room), 0}, 1 | 2},
        {169, "gettimeofday", {at(room), at(room)}, 1 | 2},
        {170, "settimeofday", {at(room), 0}, 1, true},
        {179, "sysinfo", {at(room)}, 1},
        {221, "execve", {at(program), at(no_words), at(no_words)}, 7},
        {260, "wait4", {static_cast<std::uint64_t>(-1), at(room), 1, at(room)}, 0},
        {261, "prlimit64", {0, 7, 0, at(room)}, 4 | 8},
        {273, "finit_module", {file, at(empty), 0}, 2, true},
        {276, "renameat2", {here, at(missing), here, at(missing), 0}, 2 | 8},
        {278, "getrandom", {at(room), 64, 0}, 1},
        {285, "copy_file_range", {file, at(&zero_offset), file, 0, 8, 0}, 2},
        {291, "statx", {here, at(present), 0, 0x7ff, at(room)}, 2 | 16},
        {439, "faccessat2", {here, at(present), 0, 0}, 2},
    };
}

std::vector<Row> rows(const Files& files)
{
    auto all = calls_on_files(files);
    const auto others = other_calls(files);
    all.insert(all.end(), others.begin(), others.end());
    return all;
}

long call(long number, const std::array<std::uint64_t, 6>& a)
{
    errno = 0;
    return syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

void aim(const Row& row)
{
    for (unsigned position = 0; position < 6; ++position) {
        if ((row.pointers >> position & 1) == 0)
            continue;
        for (const auto place : kernel_places) {
            auto arguments = row.arguments;
            arguments[position] = place;
            const long result = call(row.number, arguments);
            if (result != -1 || errno != EFAULT) {
                ++deeds::failures;
                std::printf("%s, argument %u at %#llx: %ld, errno %d\n", row.name, position,
                            static_cast<unsigned long long>(place), result, errno);
            }
        }
    }
}

// Memory that a vector names, as well as the vector itself; the strings of an argument list, as well as the list.
void aim_inner_pointers(const Files& files)
{
    for (const auto place : kernel_places) {
        iovec parts[1] = {{reinterpret_cast<void*>(place), 64}};
        check(readv(files.zero, parts, 1) == -1 && errno == EFAULT, "readv into the kernel's memory");
        check(writev(files.file, parts, 1) == -1 && errno == EFAULT, "writev from the kernel's memory");
        char* const words[] = {program, reinterpret_cast<char*>(place), nullptr};
        check(execve(program, words, no_words) == -1 && errno == EFAULT, "execve with an argument there");
        check(execve(program, no_words, words) == -1 && errno == EFAULT, "execve with an environment there");
    }
}

void every_pointer_as(uid_t user)
{
    alarm(120);
    std::memset(room, 0, sizeof room);
    if (user != 0)
        check(setgid(user) == 0 && setuid(user) == 0, "become an ordinary user");
    const Files files;
    for (const Row& row : rows(files))
        if (user == 0 || !row.root_only)
            aim(row);
    aim_inner_pointers(files);
    check(kill(getpid(), 0) == 0, "still here");
}

void as_root()
{
    every_pointer_as(0);
}

void as_user()
{
    every_pointer_as(1000);
}

constexpr deeds::Deed all_deeds[] = {{"as-root", as_root}, {"as-user", as_user}};

}  // namespace

int main(int argc, char** argv)
{
    return deeds::run(all_deeds, argc == 2 ? argv[1] : "all");
}
