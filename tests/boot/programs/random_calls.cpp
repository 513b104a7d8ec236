// Makes random system calls with random arguments for some seconds: whatever happens to this program, the kernel must go on.
// random_calls [SECONDS [SEED [USER]]]: as that user, when it is given; else as the caller. A seed of 0 stands for the time.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr std::size_t memory_size = 16 * 4096;
constexpr unsigned workers = 4;
constexpr unsigned calls_per_child = 2000;

constexpr unsigned numbers = 460;  // of system calls

// Calls with which root would end the test or reach other processes: reboot, kill and its relatives, mount and umount2, chroot, the
// modules' calls, sethostname, settimeofday, clock_settime. A user may try them all.
constexpr std::array left_to_users{142, 129, 130, 131, 138, 240, 40, 39, 51, 105, 106, 273, 161, 162, 170, 112, 58};

bool is_left_out(long number)
{
    return geteuid() == 0 && std::find(left_to_users.begin(), left_to_users.end(), number) != left_to_users.end();
}

class Values {
public:
    explicit Values(std::uint64_t seed) : generator_(seed)
    {
        memory_ = static_cast<char*>(
            mmap(nullptr, memory_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        for (std::size_t i = 0; i < memory_size; i += 8)
            *reinterpret_cast<std::uint64_t*>(memory_ + i) = i % 64 == 0 ? generator_() : generator_() % 64;
    }

    std::uint64_t below(std::uint64_t limit) { return generator_() % limit; }

    std::uint64_t argument()
    {
        switch (below(12)) {
        case 0: return 0;
        case 1: return below(8);
        case 2: return ~below(8);
        case 3: return std::uint64_t{1} << below(64);
        case 4: return 4096 * below(64);
        case 5: return 0xffff'0000'4000'0000 + below(1 << 20);
        case 6: return 0x0000'ffff'ffff'0000 + below(1 << 16);
        case 7: return generator_();
        case 8: return below(1 << 16);
        default: return reinterpret_cast<std::uint64_t>(memory_) + below(memory_size) / (below(2) * 7 + 1);
        }
    }

private:
    std::mt19937_64 generator_;
    char* memory_;
};

void become(uid_t user)
{
    if (setgroups(0, nullptr) != 0 || setresgid(user, user, user) != 0 || setresuid(user, user, user) != 0)
        _exit(1);
}

[[noreturn]] void run_child(std::uint64_t seed, uid_t user)
{
    if (user != geteuid())
        become(user);
    alarm(2);
    const int quiet = open("/dev/null", O_RDWR);
    for (int descriptor = 0; descriptor < 3; ++descriptor)
        dup2(quiet, descriptor);
    Values values(seed);
    for (unsigned i = 0; i < calls_per_child; ++i) {
        const long number = static_cast<long>(values.below(numbers));
        if (is_left_out(number))
            continue;
        syscall(number, values.argument(), values.argument(), values.argument(), values.argument(), values.argument(),
                values.argument());
    }
    _exit(0);
}

// A child may have called off its alarm, or stopped itself. What it waits for must end when it is killed.
void await_or_kill(pid_t child)
{
    constexpr int pauses = 3000;
    for (int pause = 0; pause < pauses; ++pause) {
        if (waitpid(child, nullptr, WNOHANG) != 0)
            return;
        usleep(1'000);
    }
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
}

void run_worker(std::uint64_t seed, std::time_t end, uid_t user)
{
    while (std::time(nullptr) < end) {
        const pid_t child = fork();
        if (child == 0) {
            setpgid(0, 0);
            run_child(seed, user);
        }
        ++seed;
        if (child < 0)
            continue;
        await_or_kill(child);
        kill(-child, SIGKILL);  // what it has forked
    }
}

// What has left its process group, too.
void end_all_of(uid_t user)
{
    const pid_t child = fork();
    if (child == 0) {
        become(user);
        kill(-1, SIGKILL);
        _exit(0);
    }
    waitpid(child, nullptr, 0);
}

}  // namespace

int main(int argc, char** argv)
{
    const long seconds = argc > 1 ? std::atol(argv[1]) : 10;
    const std::uint64_t given = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 0;
    const std::uint64_t seed = given != 0 ? given : static_cast<std::uint64_t>(std::time(nullptr));
    const uid_t user = argc > 3 ? static_cast<uid_t>(std::atol(argv[3])) : geteuid();
    std::printf("random_calls: seed %llu\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    const std::time_t end = std::time(nullptr) + seconds;
    std::vector<pid_t> children;
    for (unsigned i = 0; i < workers; ++i) {
        const pid_t child = fork();
        if (child == 0) {
            run_worker(seed * 1000 + i * 1'000'000, end, user);
            _exit(0);
        }
        children.push_back(child);
    }
    for (const pid_t child : children)
        waitpid(child, nullptr, 0);
    if (user != geteuid())
        end_all_of(user);
    return 0;
}
