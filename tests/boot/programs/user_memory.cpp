// What crosses the border between the kernel and a program beside what was asked for: bytes that the kernel's memory held before, numbers
// that tell where things stand, registers that a call should leave alone.

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tests/boot/programs/deeds.h"

namespace {

using deeds::check;

// Bytes that are left over.

constexpr char fill = '\x5a';
alignas(16) char stale[64 * 1024];

// Fills what the kernel will allocate with something that is recognised.
void stir_kernel_memory()
{
    static char pattern[16384];
    std::memset(pattern, '\xa5', sizeof pattern);
    static const int null = open("/dev/null", O_WRONLY);
    for (std::size_t size = 600; size <= sizeof pattern; size += 512)
        check(write(null, pattern, size) == static_cast<ssize_t>(size), "write to /dev/null");
}

bool is_kernel_address(std::uint64_t word)
{
    return word >= 0xffff'0000'0000'0000 && word < 0xffff'ffff'c000'0000;
}

// No word at any place looks like an address of the kernel's, and nothing of the pattern is there.
bool is_clean(const void* start, std::size_t size)
{
    const char* const bytes = static_cast<const char*>(start);
    for (std::size_t at = 0; at + 8 <= size; ++at) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes + at, 8);
        if (is_kernel_address(word) || (word & 0xffff'ffff) == 0xa5a5'a5a5)
            return false;
    }
    return true;
}

struct Answer {
    const char* what;
    std::size_t size;  // of what the call writes, all of it
    std::function<long()> call;
};

void answers_are_clean()
{
    const int terminal = open("/dev/console", O_RDWR | O_NOCTTY);
    int ends[2];
    check(pipe(ends) == 0, "pipe");
    const int folder = open("/proc", O_RDONLY | O_DIRECTORY);
    void* const out = stale;
    const Answer answers[] = {
        {"fstat", 128, [&] { return syscall(SYS_fstat, ends[0], out); }},
        {"newfstatat", 128, [&] { return syscall(SYS_newfstatat, AT_FDCWD, "/tmp", out, 0); }},
        {"statx", 256, [&] { return syscall(SYS_statx, AT_FDCWD, "/tmp", 0, 0x7ff, out); }},
        {"statfs", 120, [&] { return syscall(SYS_statfs, "/tmp", out); }},
        {"TCGETS", 36, [&] { return ioctl(terminal, 0x5401, out); }},
        {"TIOCGWINSZ", 8, [&] { return ioctl(terminal, 0x5413, out); }},
        {"uname", 390, [&] { return syscall(SYS_uname, out); }},
        {"sysinfo", 112, [&] { return syscall(SYS_sysinfo, out); }},
        {"getrusage", 144, [&] { return syscall(SYS_getrusage, 0, out); }},
        {"times", 32, [&] { return syscall(SYS_times, out); }},
        {"prlimit64", 16, [&] { return syscall(SYS_prlimit64, 0, 7, 0, out); }},
        {"getitimer", 32, [&] { return syscall(SYS_getitimer, 0, out); }},
        {"rt_sigaction", 32, [&] { return syscall(SYS_rt_sigaction, 10, 0, out, 8); }},
        {"sigaltstack", 24, [&] { return syscall(SYS_sigaltstack, 0, out); }},
        {"prctl(PR_GET_NAME)", 16, [&] { return syscall(SYS_prctl, 16, out); }},
        {"waitid", 128, [&] {
            const pid_t child = deeds::start_child([] {});
            return syscall(SYS_waitid, P_PID, child, out, WEXITED, 0);
        }},
        {"rt_sigtimedwait", 128, [&] {
            sigset_t wanted;
            sigemptyset(&wanted);
            sigaddset(&wanted, SIGUSR1);
            sigprocmask(SIG_BLOCK, &wanted, nullptr);
            kill(getpid(), SIGUSR1);
            return syscall(SYS_rt_sigtimedwait, &wanted, out, 0, 8);
        }},
    };
    for (const Answer& answer : answers) {
        stir_kernel_memory();
        std::memset(stale, fill, sizeof stale);
        check(answer.call() >= 0, answer.what);
        const bool complete = std::memchr(stale + answer.size, fill, 1) != nullptr &&
                              std::count(stale, stale + answer.size, fill) < 8;
        check(complete && is_clean(stale, answer.size), answer.what);
    }
    for (long size = 1; size > 0;) {
        stir_kernel_memory();
        std::memset(stale, 0, sizeof stale);
        size = syscall(SYS_getdents64, folder, stale, 512);
        check(size >= 0 && is_clean(stale, static_cast<std::size_t>(size)), "getdents64");
    }
}

char* handler_stack;
const ucontext_t* seen_context;
const siginfo_t* seen_info;

void note_frame(int, siginfo_t* info, void* context)
{
    seen_info = info;
    seen_context = static_cast<const ucontext_t*>(context);
}

bool is_zero(const void* start, std::size_t size)
{
    const char* const bytes = static_cast<const char*>(start);
    return std::all_of(bytes, bytes + size, [](char byte) { return byte == 0; });
}

void signal_frames_are_clean()
{
    constexpr std::size_t size = 32 * 1024;
    handler_stack = deeds::map_memory(size, MAP_PRIVATE);
    const stack_t alternate{.ss_sp = handler_stack, .ss_flags = 0, .ss_size = size};
    check(sigaltstack(&alternate, nullptr) == 0, "sigaltstack");
    deeds::handle(SIGUSR2, note_frame, SA_ONSTACK);
    for (int round = 0; round < 20; ++round) {
        std::memset(handler_stack, fill, size);
        stir_kernel_memory();
        check(syscall(SYS_kill, getpid(), SIGUSR2) == 0, "kill");
        const char* const info = reinterpret_cast<const char*>(seen_info);
        const char* const context = reinterpret_cast<const char*>(seen_context);
        check(is_zero(info + 12, 4) && is_zero(info + 48, 80), "what siginfo leaves free");
        check(is_zero(context + 48, 128), "what ucontext leaves free");
        check(is_zero(context + 176 + 280, 8), "the hole before the FP registers");
        check(is_zero(context + 176 + 288 + 528, 4096 - 528), "behind the last record");
        check(is_clean(info, 128), "the frame");
    }
}

// Numbers instead of addresses.

void numbers_of_pipes()
{
    std::vector<std::uint64_t> seen;
    for (int round = 0; round < 8; ++round) {
        int ends[2];
        check(pipe(ends) == 0, "pipe");
        struct stat reader, writer;
        check(fstat(ends[0], &reader) == 0 && fstat(ends[1], &writer) == 0, "fstat");
        check(reader.st_ino == writer.st_ino && reader.st_ino != 0 && reader.st_ino < (1u << 31), "st_ino counts pipes");
        check(std::find(seen.begin(), seen.end(), reader.st_ino) == seen.end(), "no number twice");
        seen.push_back(reader.st_ino);
        const std::string link = "/proc/self/fd/" + std::to_string(ends[0]);
        char target[64] = {};
        check(readlink(link.c_str(), target, sizeof target - 1) > 0, "readlink");
        check(target == "pipe:[" + std::to_string(reader.st_ino) + "]", "the link names the same number");
    }
}

// Registers of the program.

struct FpRegisters {
    alignas(16) unsigned char v[32][16];
    std::uint64_t fpsr, fpcr;

    bool operator==(const FpRegisters& other) const { return std::memcmp(this, &other, sizeof *this) == 0; }
};

// One system call with `before` in the FP registers; returns what they hold afterwards.
[[gnu::noinline]] FpRegisters call_with(const FpRegisters& before, long number, const std::array<std::uint64_t, 6>& arguments,
                                        long& result)
{
    FpRegisters after;
    register std::uint64_t x0 asm("x0") = arguments[0];
    register std::uint64_t x1 asm("x1") = arguments[1];
    register std::uint64_t x2 asm("x2") = arguments[2];
    register std::uint64_t x3 asm("x3") = arguments[3];
    register std::uint64_t x4 asm("x4") = arguments[4];
    register std::uint64_t x5 asm("x5") = arguments[5];
    register long x8 asm("x8") = number;
    const void* const from = &before;
    void* const to = &after;
#define EACH_PAIR(operation, base)                                                                                              \
    operation " q0, q1, [" base ", #0]\n" operation " q2, q3, [" base ", #32]\n" operation " q4, q5, [" base ", #64]\n"         \
    operation " q6, q7, [" base ", #96]\n" operation " q8, q9, [" base ", #128]\n" operation " q10, q11, [" base ", #160]\n"    \
    operation " q12, q13, [" base ", #192]\n" operation " q14, q15, [" base ", #224]\n" operation " q16, q17, [" base ", #256]\n" \
    operation " q18, q19, [" base ", #288]\n" operation " q20, q21, [" base ", #320]\n" operation " q22, q23, [" base ", #352]\n" \
    operation " q24, q25, [" base ", #384]\n" operation " q26, q27, [" base ", #416]\n" operation " q28, q29, [" base ", #448]\n" \
    operation " q30, q31, [" base ", #480]\n"
    asm volatile("ldr x9, [%[from], #512]\n msr fpsr, x9\n ldr x9, [%[from], #520]\n msr fpcr, x9\n"
                 EACH_PAIR("ldp", "%[from]")
                 "svc #0\n"
                 EACH_PAIR("stp", "%[to]")
                 "mrs x9, fpsr\n str x9, [%[to], #512]\n mrs x9, fpcr\n str x9, [%[to], #520]\n msr fpcr, xzr\n"
                 : "+r"(x0)
                 : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x8), [from] "r"(from), [to] "r"(to)
                 : "memory", "x9", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15",
                   "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31");
#undef EACH_PAIR
    result = static_cast<long>(x0);
    return after;
}

void fp_registers()
{
    FpRegisters before;
    for (unsigned i = 0; i < sizeof before.v; ++i)
        before.v[i / 16][i % 16] = static_cast<unsigned char>(i * 37 + 11);
    before.fpsr = 0x1f;
    before.fpcr = 0x0040'0000;  // rounding up
    long result = 0;
    const auto keeps = [&](const char* what, long number, std::array<std::uint64_t, 6> arguments) {
        const bool kept = call_with(before, number, arguments, result) == before;
        check(kept, what);
        check(result >= 0, what);
        return result;
    };
    const auto at = [](const void* pointer) { return reinterpret_cast<std::uint64_t>(pointer); };
    utsname system;
    uname(&system);
    const std::string path = "/lib/modules/" + std::string(system.release) + "/kernel/samples/hello.ko.zst";
    const std::uint64_t module = static_cast<std::uint64_t>(open(path.c_str(), O_RDONLY));
    const timespec moment{0, 20'000'000};
    const std::uint64_t zero = static_cast<std::uint64_t>(open("/dev/zero", O_RDWR));
    keeps("finit_module of a compressed module", SYS_finit_module, {module, at(""), 4});
    keeps("delete_module", SYS_delete_module, {at("hello"), 0});
    keeps("read", SYS_read, {zero, at(stale), sizeof stale});
    keeps("write", SYS_write, {zero, at(stale), sizeof stale});
    keeps("nanosleep", SYS_nanosleep, {at(&moment), 0});
    keeps("getrandom", SYS_getrandom, {at(stale), 512, 0});
    keeps("openat of /proc/kallsyms", SYS_openat, {static_cast<std::uint64_t>(AT_FDCWD), at("/proc/kallsyms"), 0});
    keeps("mmap", SYS_mmap, {0, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, ~std::uint64_t{0}, 0});
    const long child = keeps("clone", SYS_clone, {SIGCHLD, 0, 0, 0, 0});
    if (child == 0)
        _exit(deeds::failures);
    int status = -1;
    keeps("wait4", SYS_wait4, {static_cast<std::uint64_t>(child), at(&status), 0, 0});
    check(status == 0, "the child's registers");
}

constexpr deeds::Deed all_deeds[] = {
    {"answers", answers_are_clean},
    {"signal-frames", signal_frames_are_clean},
    {"pipe-numbers", numbers_of_pipes},
    {"fp-registers", fp_registers},
};

}  // namespace

int main(int argc, char** argv)
{
    return deeds::run(all_deeds, argc == 2 ? argv[1] : "all");
}
