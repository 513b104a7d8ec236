// Calls that have much to do. Each is made while /proc/kernel_latency measures; none may hold the CPU longer than the rule says.
// Runs with one CPU under -icount, where a nanosecond is an instruction.
#include "tests/boot/programs/kernel_latency.h"
#include "tests/boot/programs/kill_deeds.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

namespace {

using namespace deeds;

void vectors()
{
    constexpr std::size_t two_gib = 2048 * mib;
    char* const memory = repeated_memory(two_gib);
    std::vector<iovec> parts(1024, {memory, two_gib});
    const int null = open("/dev/null", O_WRONLY);
    measure("writev, 1024 x 2 GiB, /dev/null", [&] {
        check(writev(null, parts.data(), 1024) == 0x7fff'f000, "a call moves at most 0x7ffff000 bytes");
    });
    parts.back().iov_len = std::size_t{1} << 63;
    check(writev(null, parts.data(), 1024) == -1 && errno == EINVAL, "no part is longer than SSIZE_MAX");
    check(writev(null, parts.data(), 1025) == -1 && errno == EINVAL, "no more than 1024 parts");
}

void streams()
{
    auto* const memory = map_memory(32 * mib, MAP_PRIVATE);
    const int zero = open("/dev/zero", O_RDWR);
    const int null = open("/dev/null", O_WRONLY);
    const int random = open("/dev/urandom", O_RDWR);
    measure("read, /dev/zero", [&] { check(read(zero, memory, 32 * mib) == 32 * mib, "zeros"); });
    measure("read, /dev/urandom", [&] { check(read(random, memory, mib) == mib, "random bytes"); });
    measure("write, /dev/urandom", [&] { check(write(random, memory, mib / 2) == mib / 2, "entropy"); });
    measure("getrandom", [&] { check(getrandom(memory, mib, 0) == mib, "getrandom"); });
    int ends[2];
    check(pipe2(ends, O_NONBLOCK) == 0 && fcntl(ends[1], F_SETPIPE_SZ, 8 * mib) == 8 * mib, "a pipe");
    measure("write, a large pipe", [&] { check(write(ends[1], memory, 8 * mib) == 8 * mib, "write"); });
    measure("F_SETPIPE_SZ, what is in it moves", [&] { check(fcntl(ends[1], F_SETPIPE_SZ, 16 * mib) == 16 * mib, "a larger one"); });
    measure("sendfile, /dev/zero to /dev/null",
            [&] { check(sendfile(null, zero, nullptr, 128 * mib) == 128 * mib, "sendfile"); });
}

void measure_texts(std::initializer_list<const char*> names)
{
    std::vector<char> text(4 * mib);
    for (const char* name : names)
        measure(name, [&] {
            const int file = open(name, O_RDONLY | O_NONBLOCK);
            while (read(file, text.data(), text.size()) > 0) {
            }
            close(file);
        });
}

void texts()
{
    measure_texts({"/proc/kallsyms", "/proc/modules", "/proc/mounts", "/proc/interrupts", "/proc/stat", "/dev/kmsg"});
    std::vector<char> text(mib);
    measure("syslog", [&] { check(syscall(SYS_syslog, 3, text.data(), text.size()) > 0, "the log"); });
}

// The texts about what there may be much of.
void mounts()
{
    constexpr int count = 1000;
    mkdir("/tmp/covered", 0700);
    for (int i = 0; i < count; ++i)
        check(mount("none", "/tmp/covered", "tmpfs", 0, nullptr) == 0, "one more mount");
    measure_texts({"/proc/mounts", "/proc/self/mountinfo"});
    measure("umount of many", [] {
        for (int i = 0; i < count; ++i)
            check(umount("/tmp/covered") == 0, "umount");
    });
}

void locks()
{
    const int file = open("/tmp/locked", O_RDWR | O_CREAT, 0600);
    measure("many records", [&] {
        for (int i = 0; i < 4000; ++i) {
            struct flock lock {};
            lock.l_type = F_WRLCK;
            lock.l_start = 2 * i;
            lock.l_len = 1;
            check(fcntl(file, F_SETLK, &lock) == 0, "a record");
        }
    });
    measure_texts({"/proc/locks"});
    measure("the last close of a file with many records", [&] { close(file); });
}

// One small module, again and again under other names.
void module_texts()
{
    constexpr int count = 1000;
    std::string module(64 * 1024, '\0');
    const int file = open("/tests/modules/hello.ko", O_RDONLY);
    module.resize(static_cast<std::size_t>(std::max<ssize_t>(read(file, module.data(), module.size()), 0)));
    close(file);
    const auto name_of = [](int i) { return i < 0 ? "hello" : "h" + std::to_string(1000 + i); };
    for (int i = 0; i < count; ++i) {
        const std::string former = name_of(i - 1) + '\0';
        for (auto at = module.find(former); at != std::string::npos; at = module.find(former, at))
            module.replace(at, 5, name_of(i));
        check(syscall(SYS_init_module, module.data(), module.size(), "") == 0, "one more module");
    }
    measure_texts({"/proc/modules", "/proc/kallsyms"});
    for (int i = 0; i < count; ++i)
        check(syscall(SYS_delete_module, name_of(i).c_str(), O_NONBLOCK) == 0, "the module goes");
}

void maps()
{
    constexpr std::size_t regions = 60000;
    char* const memory = map_memory(regions * page, MAP_PRIVATE | MAP_NORESERVE, -1, PROT_NONE);
    for (std::size_t i = 0; i < regions; i += 2)
        mprotect(memory + i * page, page, PROT_READ);
    measure_texts({"/proc/self/maps", "/proc/self/stat", "/proc/self/status", "/proc/self/statm"});
    measure("mprotect of many regions", [&] { check(mprotect(memory, regions * page, PROT_NONE) == 0, "mprotect"); });
    for (std::size_t i = 0; i < regions; i += 2)
        mprotect(memory + i * page, page, PROT_READ);
    measure("fork and exit with many regions", [&] { check(status_of_child([] {}) == 0, "a child"); });
    measure("munmap of many regions", [&] { check(munmap(memory, regions * page) == 0, "munmap"); });
}

void memory()
{
    constexpr std::size_t size = 96 * mib;
    char* memory = map_memory(size, MAP_PRIVATE);
    measure("page faults", [&] {
        for (std::size_t at = 0; at < size; at += page)
            memory[at] = 1;
    });
    measure("fork and exit of a large process", [&] { check(status_of_child([] {}) == 0, "a child"); });
    measure("mprotect", [&] { check(mprotect(memory, size, PROT_READ) == 0, "mprotect"); });
    mprotect(memory + size - page, page, PROT_NONE);  // so that it cannot grow where it is
    measure("mremap", [&] {
        auto* const moved = static_cast<char*>(mremap(memory, size - page, size + mib, MREMAP_MAYMOVE));
        check(moved != MAP_FAILED, "mremap");
        memory = moved;
    });
    measure("madvise(MADV_DONTNEED)", [&] { check(madvise(memory, size / 2, MADV_DONTNEED) == 0, "madvise"); });
    measure("munmap", [&] { check(munmap(memory, size + mib) == 0, "munmap"); });
    measure("exec with many arguments", [&] {
        std::vector<char*> arguments(20000, const_cast<char*>("true, an argument of some length that says nothing"));
        arguments.front() = const_cast<char*>("true");
        arguments.push_back(nullptr);
        check(status_of_child([&] { execv("/bin/busybox", arguments.data()); _exit(1); }) == 0, "exec");
    });
}

std::size_t free_memory()
{
    std::ifstream lines("/proc/meminfo");
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("MemFree:"))
            return std::stoul(line.substr(8)) * 1024;
    check(false, "how much memory is free");
    return 0;
}

// What has to be in memory, and what is there because it may be wanted again. The module waiting is loaded: its disk is all zeros.
void residence()
{
    constexpr std::size_t size = 128 * mib;
    char* memory = map_memory(size, MAP_PRIVATE);
    measure("mlock", [&] { check(mlock(memory, size) == 0, "mlock"); });
    std::vector<unsigned char> present(size / page);
    measure("mincore", [&] { check(mincore(memory, size, present.data()) == 0, "mincore"); });
    measure("munlock", [&] { check(munlock(memory, size) == 0, "munlock"); });
    munmap(memory, size);
    measure("MAP_POPULATE", [&] { memory = map_memory(size, MAP_PRIVATE | MAP_POPULATE); });
    check(memory != nullptr, "mmap");
    munmap(memory, size);
    std::vector<char> data(mib);
    const auto read_disk = [&] {
        const int disk = open("/dev/waitingdisk", O_RDONLY);
        while (read(disk, data.data(), data.size()) > 0) {
        }
        close(disk);
    };
    measure("read of a disk", read_disk);
    const int dropped = open("/proc/sys/vm/drop_caches", O_WRONLY);
    measure("drop_caches", [&] { check(write(dropped, "1", 1) == 1, "drop_caches"); });
    measure("read of a disk whose pages were dropped", read_disk);
    const std::size_t more_than_free = free_memory() + 64 * mib;
    measure("memory that cached pages give up", [&] { memory = map_memory(more_than_free, MAP_PRIVATE | MAP_POPULATE); });
    check(memory != nullptr, "mmap");
    measure("munmap of almost all memory", [&] { munmap(memory, more_than_free); });
}

// Folders in folders, deeper than any path is long.
void depth()
{
    constexpr int levels = 20000;
    mkdir("/tmp/volume", 0700);
    check(mount("tmpfs", "/tmp/volume", "tmpfs", 0, nullptr) == 0 && chdir("/tmp/volume") == 0, "mount");
    for (int i = 0; i < levels; ++i)
        if (mkdir("d", 0700) != 0 || chdir("d") != 0)
            check(false, "one level more");
    for (const char* const name : {"a", "b", "a/moved"})
        check(mkdir(name, 0700) == 0, "a folder at the bottom");
    measure("rename of a very deep folder", [] { check(rename("a/moved", "b/moved") == 0, "rename"); });
    measure("getcwd of a very deep folder", [] {
        std::vector<char> text(64 * 1024);
        syscall(SYS_getcwd, text.data(), text.size());
        readlink("/proc/self/cwd", text.data(), text.size());
    });
    measure("a very deep folder is left", [] { check(chdir("/") == 0, "chdir"); });
    const double begin = now();
    measure("its names are forgotten", [] { check(write(open("/proc/sys/vm/drop_caches", O_WRONLY), "2", 1) == 1, "drop_caches"); });
    check(now() - begin < 0.4, "in a time that grows with their number alone");
    measure("umount of a very deep tree", [] { check(umount("/tmp/volume") == 0, "umount"); });
}

void files()
{
    constexpr std::size_t size = 64 * mib;
    const int file = open("/tmp/large", O_RDWR | O_CREAT, 0600);
    auto* const memory = map_memory(mib, MAP_PRIVATE);
    measure("write, ramfs", [&] {
        for (std::size_t at = 0; at < size; at += mib)
            check(write(file, memory, mib) == mib, "write");
    });
    measure("fallocate, ramfs", [&] { check(fallocate(file, FALLOC_FL_KEEP_SIZE, size, size) == 0, "fallocate"); });
    measure("fallocate, a hole", [&] { check(fallocate(file, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, mib, 2 * size) == 0, "a hole"); });
    measure("pread, ramfs", [&] { check(pread(file, memory, mib, 0) == mib, "pread"); });
    const int copy = open("/tmp/copy", O_RDWR | O_CREAT, 0600);
    lseek(file, 0, SEEK_SET);
    measure("copy_file_range", [&] {
        check(syscall(SYS_copy_file_range, file, nullptr, copy, nullptr, size, 0) == size, "copy_file_range");
    });
    measure("ftruncate", [&] { check(ftruncate(file, 1) == 0, "ftruncate"); });
    unlink("/tmp/copy");
    measure("the last close of a large file", [&] { check(close(copy) == 0, "close"); });
    close(file);
    unlink("/tmp/large");
}

void pipes()
{
    constexpr int largest = 16 << 20, smaller = 4 << 20;
    int ends[2];
    check(pipe2(ends, O_NONBLOCK) == 0 && fcntl(ends[1], F_SETPIPE_SZ, largest) == largest, "a large pipe");
    auto* const memory = map_memory(mib, MAP_PRIVATE);
    const auto fill = [&](std::size_t size) {
        for (std::size_t at = 0; at < size; at += mib)
            check(write(ends[1], memory, mib) == mib, "write");
    };
    measure("a pipe is filled", [&] { fill(largest); });
    char byte = 0;
    check(read(ends[0], &byte, 1) == 1, "its start stands in the middle of a page");
    measure("F_SETPIPE_SZ of a full pipe", [&] { check(fcntl(ends[1], F_SETPIPE_SZ, largest) == largest, "as large as it is"); });
    measure("read of a large pipe", [&] {
        while (read(ends[0], memory, mib) > 0) {
        }
    });
    measure("F_SETPIPE_SZ of an empty one", [&] { check(fcntl(ends[1], F_SETPIPE_SZ, smaller) == smaller, "smaller"); });
    fill(3 * mib);
    check(fcntl(ends[1], F_SETPIPE_SZ, largest) == largest, "large again");
    fill(12 * mib);
    measure("the last close of a full pipe", [&] {
        close(ends[0]);
        close(ends[1]);
    });
}

void make_files(const char* directory, int count)
{
    for (int i = 0; i < count; ++i) {
        std::array<char, 80> name;
        std::snprintf(name.data(), name.size(), "%s/name-%d", directory, i);
        close(open(name.data(), O_CREAT | O_WRONLY, 0600));
    }
}

void folders()
{
    constexpr int count = 8000;
    mkdir("/tmp/volume", 0700);
    check(mount("tmpfs", "/tmp/volume", "tmpfs", 0, nullptr) == 0, "mount");
    measure("files are made", [&] { make_files("/tmp/volume", count); });
    measure("getdents64", [&] {
        std::vector<char> entries(mib);
        const int folder = open("/tmp/volume", O_RDONLY | O_DIRECTORY);
        while (syscall(SYS_getdents64, folder, entries.data(), entries.size()) > 0) {
        }
        close(folder);
    });
    measure("umount with many names", [&] { check(umount("/tmp/volume") == 0, "umount"); });
    mkdir("/tmp/folder", 0700);
    for (int i = 0; i < count; ++i) {
        std::array<char, 80> name;
        std::snprintf(name.data(), name.size(), "/tmp/folder/absent-%d", i);
        access(name.data(), F_OK);
    }
    measure("rmdir with many absent names", [&] { check(rmdir("/tmp/folder") == 0, "rmdir"); });
}

void paths()
{
    std::string dots;
    while (dots.size() < 4000)
        dots += "./";
    unlink("/tmp/link-0");
    symlink("/tmp", "/tmp/link-0");
    for (int i = 1; i < 40; ++i) {
        const std::string name = "/tmp/link-" + std::to_string(i);
        unlink(name.c_str());
        check(symlink((dots + "link-" + std::to_string(i - 1)).c_str(), name.c_str()) == 0, "a link");
    }
    measure("stat through links", [&] {
        struct stat status;
        check(stat("/tmp/link-39", &status) == 0, "stat");
    });
    check(chdir("/tmp") == 0, "chdir");
    for (int i = 0; i < 1500; ++i)
        if (mkdir("deep", 0700) != 0 || chdir("deep") != 0)
            check(false, "a deep folder");
    std::vector<char> text(64 * 1024);
    measure("getcwd in a deep folder", [&] { syscall(SYS_getcwd, text.data(), text.size()); });
    measure("readlink of a deep folder", [&] { readlink("/proc/self/cwd", text.data(), text.size()); });
    measure("rename in a deep folder", [&] {
        mkdir("a", 0700);
        check(rename("a", "b") == 0, "rename");
        rmdir("b");
    });
    for (int i = 0; i < 1500; ++i)
        if (chdir("..") != 0 || rmdir("deep") != 0)
            check(false, "the deep folder goes");
    for (int i = 0; i < 40; ++i)
        unlink(("/tmp/link-" + std::to_string(i)).c_str());
}

void many()
{
    const int null = open("/dev/null", O_RDONLY);
    std::vector<pollfd> descriptors(1024, {null, POLLIN, 0});
    measure("poll", [&] { check(poll(descriptors.data(), 1000, 0) >= 0, "poll"); });
    std::vector<pid_t> children;
    for (int i = 0; i < 200; ++i)
        children.push_back(start_child([] { pause(); }));
    measure("kill(-1, 0)", [&] { check(kill(-1, 0) == 0, "kill"); });
    measure("readdir of /proc", [&] {
        DIR* const folder = opendir("/proc");
        while (readdir(folder) != nullptr) {
        }
        closedir(folder);
    });
    measure("waitpid with many children", [&] { check(waitpid(-1, nullptr, WNOHANG) == 0, "waitpid"); });
    for (const pid_t child : children)
        kill(child, SIGKILL);
    for (const pid_t child : children)
        status_of(child);
}

// The module's file is 64 MiB of zeros: no module, but that shows only when it is unpacked.
void modules()
{
    measure("finit_module of 64 MiB in zstd", [] {
        const int file = open("/tests/zeros.ko.zst", O_RDONLY);
        check(syscall(SYS_finit_module, file, "", 4) == -1 && errno == ENOEXEC, "zeros are no module");
        close(file);
    });
    for (const char* name : {"/tests/modules/start_heavy.ko", "/tests/modules/ext2.ko"})
        measure(name, [&] {
            const int file = open(name, O_RDONLY);
            syscall(SYS_finit_module, file, "", 0);
            close(file);
        });
    measure("delete_module", [] { syscall(SYS_delete_module, "start_heavy", O_NONBLOCK); });
}

constexpr Deed all[] = {
    {"vectors", vectors}, {"streams", streams}, {"texts", texts},     {"mounts", mounts}, {"locks", locks}, {"module-texts", module_texts},
    {"maps", maps},       {"memory", memory},   {"files", files},     {"pipes", pipes}, {"folders", folders}, {"paths", paths}, {"many", many},
    {"modules", modules}, {"residence", residence}, {"depth", depth},
};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
