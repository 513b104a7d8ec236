// Checks what mmap and its relatives promise (POSIX.1, Linux), from inside a process.
#include "tests/boot/programs/deeds.h"

#include <atomic>
#include <csetjmp>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>

namespace {

using namespace deeds;

void copy_on_write()
{
    char* memory = map_memory(3 * page, MAP_PRIVATE);
    std::memset(memory, 'p', 3 * page);
    const int status = status_of_child([&] {
        memory[0] = 'c';
        check(memory[page] == 'p', "a child sees what its parent wrote");
        check(status_of_child([&] { memory[0] = 'g'; }) == 0 && memory[0] == 'c', "a grandchild has its own copy");
    });
    check(status == 0 && memory[0] == 'p', "a parent does not see what its child wrote");
    memory[0] = 'q';
    check(memory[0] == 'q' && memory[2 * page] == 'p', "a parent writes after its child has gone");
}

void shared_memory()
{
    auto* counter = map_memory<std::atomic<int>>(page, MAP_SHARED);
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i)
        children.push_back(start_child([&] {
            for (int j = 0; j < 10000; ++j)
                counter->fetch_add(1);
        }));
    for (const pid_t child : children)
        status_of(child);
    check(counter->load() == 40000, "children share a counter");
}

void file_mappings()
{
    const int file = open("/tmp/mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
    check(file >= 0 && ftruncate(file, 2 * page + 100) == 0, "a file of two and a bit pages");
    char* shared = map_memory(3 * page, MAP_SHARED, file);
    char* copy = map_memory(3 * page, MAP_PRIVATE, file);
    shared[page] = 's';
    char byte = 0;
    check(pread(file, &byte, 1, page) == 1 && byte == 's', "a shared mapping writes the file");
    check(copy[page] == 's', "a private mapping reads the file");
    copy[page] = 'c';
    check(shared[page] == 's' && copy[page] == 'c', "a private mapping does not write the file");
    check(pwrite(file, "w", 1, 0) == 1 && shared[0] == 'w', "a shared mapping shows what is written");
    const int reader = open("/tmp/mapped", O_RDONLY);
    check(map_memory(page, MAP_SHARED, reader) == nullptr && errno == EACCES, "no writable mapping of a file open for reading");
    const int status = status_of_child([&] { static_cast<volatile char*>(shared)[3 * page - 1] = 1; });
    check(status == 0, "the rest of the last page can be used");
    check(ftruncate(file, page) == 0, "the file is cut off");
    const int beyond = status_of_child([&] {
        char* fresh = map_memory(2 * page, MAP_SHARED, file);
        static_cast<volatile char*>(fresh)[page] = 1;
    });
    check(WIFSIGNALED(beyond) && WTERMSIG(beyond) == SIGBUS, "beyond the end of a file is SIGBUS");
    close(reader);
    close(file);
    unlink("/tmp/mapped");
}

sigjmp_buf fault_return;
siginfo_t fault_info;

void note_fault(int, siginfo_t* info, void*)
{
    fault_info = *info;
    siglongjmp(fault_return, 1);
}

bool faults(volatile char* address, int code)
{
    if (sigsetjmp(fault_return, 1) != 0)
        return fault_info.si_addr == address && fault_info.si_code == code;
    *address = 1;
    return false;
}

void protections()
{
    handle(SIGSEGV, note_fault);
    char* memory = map_memory(4 * page, MAP_PRIVATE);
    std::memset(memory, 1, 4 * page);
    check(mprotect(memory + page, page, PROT_READ) == 0, "mprotect");
    check(faults(memory + page + 5, SEGV_ACCERR), "a write to read-only memory gives its address");
    check(munmap(memory + 2 * page, page) == 0, "munmap");
    check(faults(memory + 2 * page + 7, SEGV_MAPERR), "a write to unmapped memory gives its address");
    memory[3 * page] = 2;
    check(mprotect(memory, 4 * page, PROT_READ) == -1 && errno == ENOMEM, "mprotect over a hole");
    check(mprotect(memory + page, page, PROT_READ | PROT_WRITE) == 0, "mprotect back");
    memory[page] = 3;
    check(memory[page] == 3 && memory[page + 1] == 1, "memory is writable again and kept its contents");
    check(map_memory(std::size_t{1} << 60, MAP_PRIVATE) == nullptr && errno == ENOMEM, "a mapping too large for anything");
}

void break_and_remap()
{
    char* start = static_cast<char*>(sbrk(5 * page));
    std::memset(start, 'b', 5 * page);
    check(sbrk(-static_cast<long>(3 * page)) != reinterpret_cast<void*>(-1), "the break goes back");
    check(static_cast<char*>(sbrk(3 * page)) == start + 2 * page && start[2 * page] == 0, "memory of the break is fresh again");
    check(start[2 * page - 1] == 'b', "what stayed is kept");
    char* memory = map_memory(2 * page, MAP_PRIVATE);
    std::strcpy(memory + page, "moved");
    map_memory(page, MAP_PRIVATE);
    void* larger = mremap(memory, 2 * page, 64 * page, MREMAP_MAYMOVE);
    check(larger != MAP_FAILED && std::strcmp(static_cast<char*>(larger) + page, "moved") == 0, "mremap moves the contents");
    std::memset(static_cast<char*>(larger) + 2 * page, 1, 62 * page);
    check(mremap(larger, 64 * page, page, 0) == larger, "mremap shrinks in place");
}

// How much of [at, at + size) the kernel took from or gave to user memory of which `mapped` bytes exist, by a file's answer.
bool took(ssize_t result, std::size_t size, std::size_t mapped)
{
    if (mapped == size)
        return result == static_cast<ssize_t>(size);
    return result < 0 ? errno == EFAULT : result <= static_cast<ssize_t>(mapped);
}

// Every size, cut off by unmapped memory at every place: the copy loops have steps of several sizes.
void copies()
{
    constexpr std::size_t largest = 300;
    char* const end = map_memory(2 * page, MAP_PRIVATE) + page;
    munmap(end, page);
    char* const area = end - page;
    const int file = open("/tmp/copies", O_RDWR | O_CREAT | O_TRUNC, 0600);
    char written[largest];
    for (std::size_t size = 1; size <= largest; ++size)
        for (std::size_t mapped = 0; mapped <= size; ++mapped) {
            for (std::size_t index = 0; index < mapped; ++index)
                end[static_cast<std::ptrdiff_t>(index - mapped)] = static_cast<char>(index + size);
            const ssize_t out = pwrite(file, end - mapped, size, 0);
            const bool same = out <= 0 || (pread(file, written, size, 0) >= out &&
                                           std::memcmp(written, end - mapped, static_cast<std::size_t>(out)) == 0);
            std::memset(area, 0x55, page);
            const ssize_t in = pread(file, end - mapped, size, 0);
            const bool back = in <= 0 || std::memcmp(written, end - mapped, static_cast<std::size_t>(in)) == 0;
            if (!took(out, size, mapped) || !same || !took(in, size, mapped) || !back || area[page - mapped - 1] != 0x55) {
                check(false, "a copy takes what is there and no more");
                std::printf("size %zu, %zu bytes mapped: wrote %zd, read %zd\n", size, mapped, out, in);
                return;
            }
        }
    close(file);
    unlink("/tmp/copies");
}

void set_limit(int resource, rlim_t bytes)
{
    const rlimit limit{bytes, bytes};
    check(setrlimit(static_cast<__rlimit_resource>(resource), &limit) == 0, "a limit is set");
}

// RLIMIT_AS bounds every mapping, RLIMIT_DATA private writable ones; both hold over fork.
void limits()
{
    constexpr std::size_t size = 64 << 20;
    const int bounded = status_of_child([] {
        set_limit(RLIMIT_AS, size);
        errno = 0;
        check(map_memory(size, MAP_SHARED) == nullptr && errno == ENOMEM, "RLIMIT_AS bounds a mapping");
        check(status_of_child([] { check(map_memory(size, MAP_PRIVATE) == nullptr, "and that of a child"); }) == 0, "in a child");
        char* const half = map_memory(size / 2, MAP_PRIVATE);
        check(half != nullptr, "what fits is mapped");
        check(mmap(half, size / 2, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == half, "what is replaced counts once");
    });
    check(bounded == 0, "RLIMIT_AS");
    const int status = status_of_child([] {
        set_limit(RLIMIT_DATA, size);
        check(map_memory(size, MAP_PRIVATE) == nullptr, "RLIMIT_DATA bounds private memory");
        check(map_memory(size, MAP_SHARED) != nullptr, "but not shared memory");
        check(sbrk(size) == reinterpret_cast<void*>(-1), "RLIMIT_DATA bounds the break");
    });
    check(status == 0, "RLIMIT_DATA");
}

// A line of /proc/self/status, in KiB.
long status_value(const char* name)
{
    std::FILE* const file = std::fopen("/proc/self/status", "r");
    char line[128];
    long value = -1;
    while (file != nullptr && std::fgets(line, sizeof line, file) != nullptr)
        if (std::strncmp(line, name, std::strlen(name)) == 0)
            std::sscanf(line + std::strlen(name), ": %ld", &value);
    if (file != nullptr)
        std::fclose(file);
    return value;
}

int resident(const void* memory, std::size_t pages)
{
    unsigned char vector[64] = {};
    check(mincore(const_cast<void*>(memory), pages * page, vector) == 0, "mincore");
    int count = 0;
    for (std::size_t i = 0; i < pages; ++i)
        count += vector[i] & 1;
    return count;
}

void residence()
{
    char* const memory = map_memory(16 * page, MAP_PRIVATE);
    check(resident(memory, 16) == 0, "nothing at first");
    memory[3 * page] = 'x';
    memory[5 * page] = 'x';
    check(resident(memory, 16) == 2, "what was touched");
    unsigned char vector[16];
    check(mincore(memory + 1, page, vector) == -1 && errno == EINVAL, "the start of a page");
    check(mincore(memory, page, nullptr) == -1 && errno == EFAULT, "a place for the answer");
    munmap(memory + 8 * page, page);
    check(mincore(memory, 16 * page, vector) == -1 && errno == ENOMEM, "no hole");
    check(resident(map_memory(8 * page, MAP_PRIVATE | MAP_POPULATE), 8) == 8, "MAP_POPULATE");
}

void locking()
{
    const long before = status_value("VmLck");
    char* const memory = map_memory(16 * page, MAP_PRIVATE);
    check(mlock(memory + 100, 7 * page) == 0 && resident(memory, 16) == 8, "mlock makes all present that the bytes touch");
    check(status_value("VmLck") == before + 32, "and counts it");
    check(mlock(memory, 4 * page) == 0 && status_value("VmLck") == before + 32, "once");
    check(madvise(memory, page, MADV_DONTNEED) == -1 && errno == EINVAL, "what is locked is not dropped");
    check(status_of_child([] { check(status_value("VmLck") == 0, "a child has no locks"); }) == 0, "child");
    check(munlock(memory, 4 * page) == 0 && status_value("VmLck") == before + 16, "munlock");
    check(mlock2(memory + 8 * page, 8 * page, MLOCK_ONFAULT) == 0 && resident(memory, 16) == 8, "MLOCK_ONFAULT");
    check(mlock2(memory, page, 77) == -1 && errno == EINVAL, "no such flag");
    munmap(memory + 8 * page, page);
    check(mlock(memory, 16 * page) == -1 && errno == ENOMEM, "no hole");
    check(mlockall(MCL_CURRENT | MCL_FUTURE) == 0 && status_value("VmLck") > before + 16, "mlockall");
    check(resident(map_memory(4 * page, MAP_PRIVATE), 4) == 4, "what comes later, too");
    check(munlockall() == 0 && status_value("VmLck") == 0, "munlockall");
    check(mlockall(0) == -1 && errno == EINVAL, "mlockall of nothing");
    check(resident(map_memory(4 * page, MAP_PRIVATE | MAP_LOCKED), 4) == 4 && status_value("VmLck") == 16, "MAP_LOCKED");
    const int status = status_of_child([&] {
        const rlimit limit{.rlim_cur = 4 * page, .rlim_max = 4 * page};
        check(setrlimit(RLIMIT_MEMLOCK, &limit) == 0 && mlock(memory, 8 * page) == 0, "root may exceed the limit");
        check(munlockall() == 0 && setgid(1000) == 0 && setuid(1000) == 0, "a user");
        check(mlock(memory, 4 * page) == 0, "may lock what RLIMIT_MEMLOCK says");
        check(mlock(memory, 8 * page) == -1 && errno == ENOMEM, "and no more");
        check(map_memory(page, MAP_PRIVATE | MAP_LOCKED) == nullptr && errno == EAGAIN, "nor with mmap");
        check(mlockall(MCL_CURRENT) == -1 && errno == ENOMEM, "nor with mlockall");
        const rlimit nothing{};
        check(setrlimit(RLIMIT_MEMLOCK, &nothing) == 0 && mlock(memory, page) == -1 && errno == EPERM, "without a limit nothing");
    });
    check(status == 0, "user");
}

void remapping_to_places()
{
    char* const memory = map_memory(8 * page, MAP_PRIVATE);
    char* const target = map_memory(16 * page, MAP_PRIVATE);
    std::memset(memory, 'm', 8 * page);
    std::memset(target, 't', 16 * page);
    check(mremap(memory, 4 * page, 8 * page, MREMAP_MAYMOVE | MREMAP_FIXED, target + 4 * page) == target + 4 * page, "MREMAP_FIXED");
    check(target[3 * page] == 't' && target[4 * page] == 'm' && target[7 * page] == 'm' && target[8 * page] == 0 && target[12 * page] == 't',
          "replaces what was there");
    check(mremap(target + 4 * page, 4 * page, page, MREMAP_MAYMOVE | MREMAP_FIXED, memory) == memory, "and shrinks");
    check(memory[0] == 'm' && memory[4 * page] == 'm', "what it left stays");
    unsigned char vector[4];
    check(mincore(target + 4 * page, 4 * page, vector) == -1 && errno == ENOMEM, "the old place is free");
    check(mremap(target, 2 * page, 2 * page, MREMAP_FIXED, memory) == MAP_FAILED && errno == EINVAL, "only with MREMAP_MAYMOVE");
    check(mremap(target, 2 * page, 2 * page, MREMAP_MAYMOVE | MREMAP_FIXED, target + page) == MAP_FAILED && errno == EINVAL, "no overlap");
    check(mremap(target, 2 * page, 2 * page, MREMAP_MAYMOVE | MREMAP_FIXED, memory + 1) == MAP_FAILED && errno == EINVAL, "whole pages");
    auto* const moved = static_cast<char*>(mremap(target, 2 * page, 2 * page, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
    check(moved != MAP_FAILED && moved != target && moved[page] == 't' && target[page] == 0 && target[2 * page] == 't', "MREMAP_DONTUNMAP");
    target[0] = 'n';
    check(moved[0] == 't', "two mappings");
    check(mremap(target, page, 2 * page, MREMAP_MAYMOVE | MREMAP_DONTUNMAP) == MAP_FAILED && errno == EINVAL, "of one size");
}

constexpr Deed all[] = {
    {"copy-on-write", copy_on_write},
    {"shared-memory", shared_memory},
    {"file-mappings", file_mappings},
    {"protections", protections},
    {"break-and-remap", break_and_remap},
    {"copies", copies},
    {"limits", limits},
    {"residence", residence},
    {"locking", locking},
    {"remapping-to-places", remapping_to_places},
};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
