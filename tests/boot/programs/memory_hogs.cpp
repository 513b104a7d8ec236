// Takes memory as an ordinary user, in the form that the first argument names, for so many seconds as the second says, while root goes
// on: one process forks, executes and waits, and notes its longest round; another touches memory of its own now and then. At the end
// both must live, and what the user took is given back.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <grp.h>
#include <sys/resource.h>
#include <time.h>

#include "tests/boot/programs/deeds.h"

namespace {

using namespace deeds;

constexpr uid_t user = 1000;
constexpr std::size_t mebibyte = 1 << 20;
const char* folder = "/tmp";

std::uint64_t now_in_milliseconds()
{
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1000 + static_cast<std::uint64_t>(time.tv_nsec) / 1'000'000;
}

// The forms. Each runs in several processes at once, which are made again when they end; they stay when they can take no more.

[[noreturn]] void stay()
{
    for (;;)
        pause();
}

void take_private()
{
    while (char* const block = map_memory(mebibyte, MAP_PRIVATE))
        for (std::size_t at = 0; at < mebibyte; at += page)
            block[at] = 1;
}

void take_shared_and_discarded()
{
    while (char* const block = map_memory(mebibyte, MAP_SHARED)) {
        for (std::size_t at = 0; at < mebibyte; at += page)
            block[at] = 1;
        madvise(block, mebibyte, MADV_DONTNEED);
    }
}

void fill_pipes()
{
    static std::array<char, 65536> data;
    for (;;) {
        int ends[2];
        if (pipe2(ends, O_NONBLOCK) != 0)
            return;
        while (write(ends[1], data.data(), data.size()) > 0) {
        }
    }
}

int new_file(unsigned number)
{
    const std::string name = std::string(folder) + "/" + std::to_string(getpid()) + "-" + std::to_string(number);
    const int file = open(name.c_str(), O_RDWR | O_CREAT, 0600);
    unlink(name.c_str());
    return file;
}

void fill_files()
{
    static std::array<char, 65536> data;
    const int file = new_file(0);
    while (write(file, data.data(), data.size()) > 0) {
    }
}

// One byte each, far apart: what finds the pages is more than the pages.
void write_sparse_files()
{
    for (unsigned number = 0; number < 200; ++number) {
        const int file = new_file(number);
        for (off_t at = 0; at < off_t{200} << 30; at += off_t{1} << 30)
            if (pwrite(file, "x", 1, at) != 1)
                return;
    }
}

// Changes every second page of one block of memory after the other, from the block's page `first` on, until that fails.
void split_blocks(std::size_t first, int (*change)(char* start))
{
    for (;;) {
        char* const block = map_memory(4096 * page, MAP_PRIVATE);
        if (block == nullptr)
            return;
        for (std::size_t at = first; at < 4096; at += 2)
            if (change(block + at * page) != 0)
                return;
    }
}

void split_regions()
{
    split_blocks(0, [](char* start) { return mprotect(start, page, PROT_READ); });
}

void unmap_parts_of_regions()
{
    split_blocks(1, [](char* start) { return munmap(start, page); });
}

// Names stay when their process ends, so each process has others.
std::string long_name(unsigned number)
{
    std::string name = std::string(folder) + "/" + std::to_string(getpid()) + "-" + std::to_string(number) + "-";
    return name.append(200, 'x');
}

void link_one_file()
{
    const std::string first = long_name(0);
    close(open(first.c_str(), O_RDWR | O_CREAT, 0600));
    for (unsigned number = 1; link(first.c_str(), long_name(number).c_str()) == 0; ++number) {
    }
}

void make_links_with_long_targets()
{
    const std::string target(4000, 't');
    for (unsigned number = 0; symlink(target.c_str(), long_name(number).c_str()) == 0; ++number) {
    }
}

void make_empty_files()
{
    for (unsigned number = 0;; ++number) {
        const int file = open(long_name(number).c_str(), O_RDWR | O_CREAT, 0600);
        if (file < 0)
            return;
        close(file);
    }
}

void make_timers()
{
    sigevent nothing{};
    nothing.sigev_notify = SIGEV_NONE;
    for (;;) {
        const pid_t child = fork();
        if (child < 0)
            return;
        if (child == 0) {
            timer_t timer = nullptr;
            while (timer_create(CLOCK_MONOTONIC, &nothing, &timer) == 0) {
            }
            stay();
        }
    }
}

// The same page again and again, each time in a page table of its own.
void make_page_tables()
{
    constexpr std::uintptr_t start = std::uintptr_t{1} << 40;
    constexpr std::uintptr_t step = 2 * mebibyte;
    const int file = new_file(0);
    if (ftruncate(file, page) != 0)
        return;
    for (std::uintptr_t at = start; at < start + 60000 * step; at += step) {
        void* const wanted = reinterpret_cast<void*>(at);
        auto* const mapped = static_cast<volatile char*>(mmap(wanted, page, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0));
        if (mapped == MAP_FAILED)
            return;
        static_cast<void>(*mapped);
    }
}

void queue_signals()
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
    for (;;) {
        const pid_t child = fork();
        if (child < 0)
            return;
        if (child == 0)
            stay();
        while (sigqueue(child, SIGRTMIN, {}) == 0) {
            static thread_local unsigned count = 0;
            if (++count % 2000 == 0)
                break;
        }
    }
}

void hold_texts()
{
    static std::array<char, 4096> data;
    split_regions();
    for (;;) {
        const int file = open("/proc/self/maps", O_RDONLY);
        if (file < 0 || read(file, data.data(), data.size()) < 0)
            return;
    }
}

// Calls that wait hold buffers.
void wait_in_calls()
{
    static std::array<char, 65536> data;
    int ends[2];
    if (pipe(ends) != 0)
        return;
    for (;;) {
        const pid_t child = fork();
        if (child < 0)
            return;
        if (child == 0) {
            static_cast<void>(!read(ends[0], data.data(), data.size()));
            stay();
        }
    }
}

// A few hundred on each file, since every one more has to be compared with those.
void hold_locks()
{
    for (unsigned number = 0;; ++number) {
        const int file = new_file(number);
        struct flock lock {};
        lock.l_type = F_WRLCK;
        lock.l_len = 1;
        for (lock.l_start = 0; lock.l_start < 1000; lock.l_start += 2)
            if (fcntl(file, F_SETLK, &lock) != 0)
                return;
    }
}

void fork_on_and_on()
{
    for (;;)
        if (fork() < 0)
            usleep(1000);
}

struct Form {
    std::string_view name;
    void (*take)();
};
constexpr Form forms[] = {
    {"private", take_private},        {"shared", take_shared_and_discarded}, {"pipes", fill_pipes},
    {"files", fill_files},            {"sparse-files", write_sparse_files},  {"regions", split_regions},
    {"page-tables", make_page_tables}, {"signals", queue_signals},           {"texts", hold_texts},
    {"calls", wait_in_calls},         {"locks", hold_locks},                 {"fork-bomb", fork_on_and_on},
    {"unmapped-parts", unmap_parts_of_regions}, {"links", link_one_file},    {"long-targets", make_links_with_long_targets},
    {"empty-files", make_empty_files}, {"timers", make_timers},
};

void become_user()
{
    check(setgroups(0, nullptr) == 0 && setgid(user) == 0 && setuid(user) == 0, "become an ordinary user");
}

// Keeps several at work for as long as it lives.
[[noreturn]] void supervise(const Form& form)
{
    constexpr int at_once = 4;
    setpgid(0, 0);
    become_user();
    int running = 0;
    for (;;) {
        while (running < at_once) {
            const pid_t child = start_child([&] {
                form.take();
                stay();
            });
            if (child < 0)
                break;
            ++running;
        }
        usleep(10'000);
        while (waitpid(-1, nullptr, WNOHANG) > 0)
            --running;
    }
}

// Lives on a few pages that it touches in turn, fresh ones every now and then.
void live_innocently()
{
    constexpr std::size_t size = 2 * mebibyte;
    for (;;) {
        char* const memory = map_memory(size, MAP_PRIVATE);
        for (std::size_t at = 0; memory != nullptr && at < size; at += page) {
            memory[at] = 1;
            usleep(2000);
        }
        munmap(memory, size);
    }
}

std::uint64_t longest_round(std::uint64_t end)
{
    std::uint64_t longest = 0;
    for (std::uint64_t start = now_in_milliseconds(); start < end;) {
        const int status = status_of_child([] { execl("/bin/busybox", "true", nullptr); });
        check(status == 0, "root forks, executes and waits");
        longest = std::max(longest, now_in_milliseconds() - start);
        usleep(20'000);
        start = now_in_milliseconds();
    }
    return longest;
}

// The last column of the ledger: kernel stacks. The first is the user.
bool user_has_threads()
{
    std::ifstream ledger("/proc/ledger");
    for (std::string line; std::getline(ledger, line);)
        if (line.starts_with(std::to_string(user) + " "))
            return !line.ends_with(" 0");
    return false;
}

// All processes of the user, whatever group they have made.
void end_user()
{
    for (int round = 0; round < 500; ++round) {
        status_of_child([] {
            become_user();
            kill(-1, SIGKILL);
        });
        usleep(10'000);
        if (!user_has_threads())
            return;
    }
    check(false, "the user's processes end");
}

void compete(const Form& form, unsigned seconds)
{
    const std::uint64_t quiet = longest_round(now_in_milliseconds() + 300);
    const pid_t innocent = start_child(live_innocently);
    const pid_t hogs = start_child([&] { supervise(form); });
    const std::uint64_t longest = longest_round(now_in_milliseconds() + seconds * 1000);
    std::printf("longest round: %llu ms, when all is quiet %llu ms\n", static_cast<unsigned long long>(longest),
                static_cast<unsigned long long>(quiet));
    check(waitpid(innocent, nullptr, WNOHANG) == 0, "root's process lives");
    kill(hogs, SIGKILL);
    status_of(hogs);
    end_user();
    kill(innocent, SIGKILL);
    status_of(innocent);
}

}  // namespace

int main(int argc, char** argv)
{
    for (const Form& form : forms)
        if (argc >= 3 && form.name == argv[1]) {
            folder = argc > 3 ? argv[3] : folder;
            compete(form, static_cast<unsigned>(std::atoi(argv[2])));
            return failures == 0 ? 0 : 1;
        }
    std::fprintf(stderr, "usage: memory_hogs FORM SECONDS [FOLDER]\n");
    return 2;
}
