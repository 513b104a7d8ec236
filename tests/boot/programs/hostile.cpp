// A user program that misbehaves in one way, named by its argument. It ends with status 0 when the kernel refused or
// killed what deserved it; the test then looks whether the system still answers.

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string_view>
#include <vector>

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr std::uint64_t kernel_image = 0xffff'ffff'8000'0000;

// A child that runs `body`, and is stopped by an alarm when it hangs; negative when there is none.
pid_t start_child(const std::function<void()>& body)
{
    const pid_t child = fork();
    if (child == 0) {
        alarm(1);
        body();
        _exit(0);
    }
    return child;
}

int status_of(pid_t child)
{
    int status = 0;
    if (child < 0)
        return -1;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

int status_of_child(const std::function<void()>& body)
{
    return status_of(start_child(body));
}

int signal_of(const std::function<void()>& body)
{
    const int status = status_of_child(body);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

int failures = 0;

void check(bool holds, const char* what, std::uint64_t detail, int got)
{
    if (!holds) {
        ++failures;
        std::printf("hostile: %s %#llx: got %d\n", what, static_cast<unsigned long long>(detail), got);
    }
}

// Calls that would reach beyond the child when a pattern happens to mean -1: kill, tkill, tgkill, rt_sigqueueinfo,
// rt_tgsigqueueinfo, vhangup; and reboot.
bool is_left_out(long number)
{
    return (number >= 129 && number <= 131) || number == 138 || number == 240 || number == 58 || number == 142;
}

void bad_pointers()
{
    constexpr std::array<std::uint64_t, 7> pointers{0, 1, 0x1000, 0x0000'ffff'ffff'f000, 0x0001'0000'0000'0000,
                                                    kernel_image, ~std::uint64_t{0}};
    constexpr long last_number = 460;
    for (long number = 0; number <= last_number; ++number) {
        if (is_left_out(number))
            continue;
        std::vector<pid_t> children;
        for (const auto pointer : pointers) {
            children.push_back(
                start_child([&] { syscall(number, pointer, pointer, pointer, pointer, pointer, pointer); }));
            children.push_back(start_child([&] { syscall(number, 0, pointer, 4096, 0, 0, 0); }));
        }
        for (const pid_t child : children)
            status_of(child);
    }
    const ssize_t count = write(1, reinterpret_cast<const void*>(kernel_image), 16);
    check(count == -1 && errno == EFAULT, "write from the kernel's memory", kernel_image, errno);
}

void wild_jumps()
{
    constexpr std::array<std::uint64_t, 6> targets{0, 0x1000, 0x0000'ffff'ffff'0000, 0x0001'0000'0000'0000,
                                                   kernel_image, ~std::uint64_t{3}};
    for (const auto target : targets) {
        const int signal = signal_of([&] { reinterpret_cast<void (*)()>(target)(); });
        check(signal == SIGSEGV || signal == SIGBUS, "jump to", target, signal);
    }
    void* data = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const int signal = signal_of([&] { reinterpret_cast<void (*)()>(data)(); });
    check(signal == SIGSEGV, "jump to data", reinterpret_cast<std::uint64_t>(data), signal);
}

void wild_accesses()
{
    constexpr std::array<std::uint64_t, 5> targets{0, 0x0000'ffff'ffff'f000, 0x0001'0000'0000'0000, kernel_image,
                                                   0xffff'0000'4000'0000};
    for (const auto target : targets) {
        const int reading = signal_of([&] { static_cast<void>(*reinterpret_cast<volatile char*>(target)); });
        check(reading == SIGSEGV || reading == SIGBUS, "read of", target, reading);
        const int writing = signal_of([&] { *reinterpret_cast<volatile char*>(target) = 1; });
        check(writing == SIGSEGV || writing == SIGBUS, "write to", target, writing);
    }
}

// Instructions that user space must not have, each in a child of its own.
void bad_instructions()
{
    check(signal_of([] { asm volatile(".inst 0"); }) == SIGILL, "undefined instruction", 0, 0);
    check(signal_of([] { asm volatile("mrs x0, sctlr_el1" ::: "x0"); }) == SIGILL, "mrs sctlr_el1", 0, 0);
    check(signal_of([] { asm volatile("mrs x0, pmccntr_el0" ::: "x0"); }) == SIGILL, "mrs pmccntr_el0", 0, 0);
    check(signal_of([] { asm volatile("msr daifset, #15"); }) == SIGILL, "msr daifset", 0, 0);
    check(signal_of([] { asm volatile("eret"); }) == SIGILL, "eret", 0, 0);
    check(signal_of([] { asm volatile("hvc #0"); }) == SIGILL, "hvc", 0, 0);
    check(signal_of([] { asm volatile("brk #1"); }) == SIGTRAP, "brk", 0, 0);
    // Event counters and activity monitors, by their encodings: the assembler knows them only for newer processors.
    check(signal_of([] { asm volatile("mrs x0, S3_3_C9_C13_0" ::: "x0"); }) == SIGILL, "mrs pmccntr_el0", 0, 0);
    check(signal_of([] { asm volatile("mrs x0, S3_3_C9_C12_0" ::: "x0"); }) == SIGILL, "mrs pmcr_el0", 0, 0);
    check(signal_of([] { asm volatile("msr S3_3_C9_C12_1, xzr"); }) == SIGILL, "msr pmcntenset_el0", 0, 0);
    check(signal_of([] { asm volatile("msr S3_3_C9_C14_0, xzr"); }) == SIGILL, "msr pmuserenr_el0", 0, 0);
    check(signal_of([] { asm volatile("mrs x0, S3_3_C14_C8_0" ::: "x0"); }) == SIGILL, "mrs pmevcntr0_el0", 0, 0);
    check(signal_of([] { asm volatile("mrs x0, S3_3_C13_C2_0" ::: "x0"); }) == SIGILL, "mrs amcr_el0", 0, 0);
    check(signal_of([] { asm volatile("mrs x0, S3_3_C13_C4_0" ::: "x0"); }) == SIGILL, "mrs amevcntr00_el0", 0, 0);
    check(signal_of([] { asm volatile("msr S3_3_C13_C2_5, xzr"); }) == SIGILL, "msr amcntenset0_el0", 0, 0);
}

[[gnu::noinline]] int recurse(int depth)
{
    volatile char block[1024];
    block[0] = static_cast<char>(depth);
    return depth < 0 ? 0 : recurse(depth + 1) + block[0];
}

void stack_overflow()
{
    const int signal = signal_of([] { recurse(1); });
    check(signal == SIGSEGV, "stack overflow", 0, signal);
}

// Children that only wait, until no more can be made; then all are ended.
void fork_bomb()
{
    const pid_t parent = getpid();
    setpgid(0, 0);
    std::signal(SIGTERM, SIG_IGN);
    long count = 0;
    for (; count < 100000; ++count) {
        const pid_t child = fork();
        if (child < 0)
            break;
        if (child == 0) {
            std::signal(SIGTERM, SIG_DFL);
            while (getppid() == parent)
                pause();
            _exit(0);
        }
    }
    const int error = errno;
    check(error == EAGAIN || error == ENOMEM, "fork until it is refused", static_cast<std::uint64_t>(count), error);
    // A child that has not run yet still ignores the signal, as its parent does: ask until all are gone.
    long ended = 0;
    while (ended < count && kill(0, SIGTERM) == 0) {
        while (waitpid(-1, nullptr, WNOHANG) > 0)
            ++ended;
        usleep(10'000);
    }
    check(ended == count, "children ended", static_cast<std::uint64_t>(count), static_cast<int>(ended));
    std::printf("hostile: %ld processes\n", count);
}

// Touches memory until there is no more: the child is killed or mmap is refused.
void memory_eater()
{
    const int status = status_of_child([] {
        alarm(60);
        constexpr std::size_t step = 1 << 20;
        for (;;) {
            void* block = mmap(nullptr, step, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (block == MAP_FAILED)
                _exit(7);
            std::memset(block, 1, step);
        }
    });
    const bool refused = WIFEXITED(status) && WEXITSTATUS(status) == 7;
    const bool killed = WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGBUS);
    check(refused || killed, "memory until it is gone", 0, status);
}

struct Deed {
    std::string_view name;
    void (*run)();
};
constexpr Deed deeds[] = {
    {"bad-pointers", bad_pointers},     {"wild-jumps", wild_jumps},         {"wild-accesses", wild_accesses},
    {"bad-instructions", bad_instructions}, {"stack-overflow", stack_overflow}, {"fork-bomb", fork_bomb},
    {"memory-eater", memory_eater},
};

}  // namespace

int main(int argc, char** argv)
{
    for (const auto& deed : deeds) {
        if (argc == 2 && deed.name == argv[1]) {
            deed.run();
            std::printf("hostile: %s %s\n", argv[1], failures == 0 ? "done" : "failed");
            return failures == 0 ? 0 : 1;
        }
    }
    std::fprintf(stderr, "usage: hostile DEED\n");
    return 2;
}
