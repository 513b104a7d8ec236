// The first program of a system under measurement, the same binary on Linux and on Tenon: times the module system calls
// by the guest's own clock (with QEMU's -icount one nanosecond is one instruction), prints one line per figure, and
// switches the machine off.
//
// /bench/plan says what to do, one step per line:
//   time NAME          five rounds of init_module and delete_module of /bench/NAME.ko
//   timezst NAME       the same for /bench/NAME.ko.zst through finit_module
//   unpack NAME        five rounds of libzstd alone on /bench/NAME.ko.zst, from memory into memory, everything used before
//   memory PREFIX N    loads /bench/PREFIX1.ko .. PREFIXN.ko and prints what each costs in MemFree
//   load PREFIX N      loads them and leaves them
// Output lines: `bench KIND NAME VALUE...`, nanoseconds or bytes.

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <zstd.h>

namespace {

constexpr int rounds = 5;
constexpr int compressed_file = 4;  // MODULE_INIT_COMPRESSED_FILE

std::uint64_t now()
{
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(time.tv_nsec);
}

std::string path_of(const std::string& name, const char* suffix)
{
    return "/bench/" + name + suffix;
}

std::vector<char> read_file(const std::string& path)
{
    std::vector<char> content;
    if (FILE* file = std::fopen(path.c_str(), "rb")) {
        std::fseek(file, 0, SEEK_END);
        content.resize(static_cast<std::size_t>(std::ftell(file)));
        std::rewind(file);
        content.resize(std::fread(content.data(), 1, content.size(), file));
        std::fclose(file);
    }
    return content;
}

bool report_failure(const char* call, const std::string& name)
{
    std::printf("bench error %s %s: %s\n", name.c_str(), call, std::strerror(errno));
    return false;
}

bool load(const std::string& name)
{
    const auto file = read_file(path_of(name, ".ko"));
    return syscall(SYS_init_module, file.data(), file.size(), "") == 0 || report_failure("init_module", name);
}

bool unload(const std::string& name)
{
    return syscall(SYS_delete_module, name.c_str(), O_NONBLOCK) == 0 || report_failure("delete_module", name);
}

void print_figures(const char* kind, const std::string& name, const std::vector<std::uint64_t>& values)
{
    std::printf("bench %s %s", kind, name.c_str());
    for (const auto value : values)
        std::printf(" %" PRIu64, value);
    std::printf("\n");
}

template <typename Load>
bool time_rounds(const char* kind, const std::string& name, Load&& load_once)
{
    std::vector<std::uint64_t> loads, unloads;
    for (int round = 0; round < rounds; ++round) {
        const auto start = now();
        if (load_once() != 0)
            return report_failure(kind, name);
        const auto loaded = now();
        if (!unload(name))
            return false;
        unloads.push_back(now() - loaded);
        loads.push_back(loaded - start);
    }
    print_figures(kind, name, loads);
    print_figures("delete", name, unloads);
    return true;
}

bool time_plain(const std::string& name)
{
    const auto file = read_file(path_of(name, ".ko"));
    return time_rounds("init", name, [&] { return syscall(SYS_init_module, file.data(), file.size(), ""); });
}

bool time_compressed(const std::string& name)
{
    const int file = open(path_of(name, ".ko.zst").c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return report_failure("open", name);
    const bool done = time_rounds("finitzst", name, [&] { return syscall(SYS_finit_module, file, "", compressed_file); });
    close(file);
    return done;
}

// What any loader of compressed modules pays at least: the decompressor's own work, without system call, page fault or set-up.
bool time_unpack(const std::string& name)
{
    const auto file = read_file(path_of(name, ".ko.zst"));
    const unsigned long long size = ZSTD_getFrameContentSize(file.data(), file.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN)
        return report_failure("unpack", name);
    std::vector<char> plain(size);
    ZSTD_DCtx* const context = ZSTD_createDCtx();
    std::vector<std::uint64_t> times;
    bool good = true;
    for (int round = 0; round <= rounds; ++round) {
        const auto start = now();
        good &= ZSTD_decompressDCtx(context, plain.data(), plain.size(), file.data(), file.size()) == plain.size();
        if (round != 0)
            times.push_back(now() - start);
    }
    ZSTD_freeDCtx(context);
    print_figures("unpack", name, times);
    return good;
}

// After two seconds in which deferred freeing (of init sections, of the unpacked initramfs) comes to its end.
std::uint64_t free_memory()
{
    sleep(2);
    FILE* file = std::fopen("/proc/meminfo", "r");
    std::uint64_t kilobytes = 0;
    char line[128];
    while (file != nullptr && std::fgets(line, sizeof line, file) != nullptr)
        if (std::sscanf(line, "MemFree: %" SCNu64, &kilobytes) == 1)
            break;
    if (file != nullptr)
        std::fclose(file);
    return kilobytes * 1024;
}

bool load_many(const std::string& prefix, int count)
{
    for (int number = 1; number <= count; ++number)
        if (!load(prefix + std::to_string(number)))
            return false;
    return true;
}

bool measure_memory(const std::string& prefix, int count)
{
    if (!load(prefix + "0"))  // what the first module brings with it is not a cost of each
        return false;
    const auto before = free_memory();
    if (!load_many(prefix, count))
        return false;
    const auto after = free_memory();
    print_figures("memory", prefix, {(before - after) / static_cast<std::uint64_t>(count)});
    return true;
}

void time_small_calls()
{
    constexpr int repeat = 1000;
    auto start = now();
    for (int i = 0; i < repeat; ++i)
        syscall(SYS_getppid);
    print_figures("call", "getppid", {(now() - start) / repeat});
    start = now();
    print_figures("call", "clock_gettime", {now() - start});
}

bool run_step(const char* line)
{
    char verb[32] = "";
    char name[64] = "";
    int count = 0;
    std::sscanf(line, "%31s %63s %d", verb, name, &count);
    const std::string step = verb;
    if (step == "time")
        return time_plain(name);
    if (step == "timezst")
        return time_compressed(name);
    if (step == "unpack")
        return time_unpack(name);
    if (step == "memory")
        return measure_memory(name, count);
    if (step == "load")
        return load_many(name, count);
    return true;
}

}  // namespace

int main()
{
    std::printf("bench start measure %" PRIu64 "\n", now());
    mkdir("/proc", 0555);
    mount("proc", "/proc", "proc", 0, nullptr);
    time_small_calls();
    bool good = true;
    if (FILE* plan = std::fopen("/bench/plan", "r")) {
        char line[160];
        while (std::fgets(line, sizeof line, plan) != nullptr)
            good &= run_step(line);
        std::fclose(plan);
    }
    std::printf("bench end measure %d\n", good ? 0 : 1);
    std::fflush(stdout);
    sync();
    reboot(RB_POWER_OFF);
    return 0;
}
