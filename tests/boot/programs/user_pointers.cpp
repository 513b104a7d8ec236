// Every system call that takes pointers, with each of them in turn aimed at memory of the kernel, everything else being right: the answer is
// EFAULT and nothing else happens. A call of the kernel that stands neither among these nor among those without pointers is reported.

#include <algorithm>
#include <cstring>

#include <grp.h>
#include <sys/syscall.h>

#include "tests/boot/programs/pointer_rows.h"

namespace {

using deeds::check;
using pointers::Files;
using pointers::Row;

// The last byte of user space, with more of the range or string behind it.
constexpr std::uint64_t over_the_end = 0x0000'ffff'ffff'ffff;

// One place per kind of kernel memory: the linear map, device registers and stacks of the dynamic area, the kernel's text, modules;
// then the first address behind user space, one that is no address at all, one range that ends there and one that wraps.
constexpr std::array<std::uint64_t, 10> kernel_places{
    0xffff'0000'4000'0000, 0xffff'0000'4020'1000, 0xffff'8000'0000'1000, 0xffff'8000'0001'0000, 0xffff'ffff'8000'1000,
    0xffff'ffff'8100'0000, 0x0001'0000'0000'0000, 0x1234'0000'0000'0000, over_the_end, 0xffff'ffff'ffff'fff8};

void* pointer_to(std::uint64_t place)
{
    return reinterpret_cast<void*>(place);
}

// The last page of user space is there, and no string ends in it.
void map_last_page()
{
    const std::uint64_t last = over_the_end + 1 - deeds::page;
    void* const mapped = mmap(pointer_to(last), deeds::page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    check(mapped == pointer_to(last), "the last page can be mapped");
    std::memset(mapped, 'x', deeds::page);
}

long call(long number, const std::array<std::uint64_t, 6>& a)
{
    errno = 0;
    return syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

// Words to sleep on are looked at only when they are aligned.
bool is_refusal(const Row& row, std::uint64_t place)
{
    return errno == EFAULT || (errno == EINVAL && row.number == SYS_futex && place % sizeof(std::uint32_t) != 0);
}

void aim(const Row& row)
{
    for (unsigned position = 0; position < 6; ++position) {
        if ((row.pointers >> position & 1) == 0)
            continue;
        for (const auto place : kernel_places) {
            auto arguments = row.arguments;
            arguments[position] = place;
            if (row.before != nullptr)
                row.before();
            const long result = call(row.number, arguments);
            if (result == -1 && is_refusal(row, place))
                continue;
            ++deeds::failures;
            std::printf("%s, argument %u at %#llx: %ld, errno %d\n", row.name, position, static_cast<unsigned long long>(place), result,
                        errno);
        }
    }
    if (row.before != nullptr)
        while (waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
        }
}

// Memory that a vector names, as well as the vector itself; the strings of an argument list, as well as the list.
void aim_inner_pointers(const Files& files)
{
    for (const auto place : kernel_places) {
        iovec parts[1] = {{pointer_to(place), 64}};
        check(readv(files.zero, parts, 1) == -1 && errno == EFAULT, "readv into the kernel's memory");
        check(writev(files.file, parts, 1) == -1 && errno == EFAULT, "writev from the kernel's memory");
        char* const words[] = {pointers::own_program, static_cast<char*>(pointer_to(place)), nullptr};
        check(execve(pointers::own_program, words, pointers::no_words) == -1 && errno == EFAULT, "execve with an argument there");
        check(execve(pointers::own_program, pointers::no_words, words) == -1 && errno == EFAULT, "execve with an environment there");
        const std::uint64_t mask_and_size[2] = {place, 8};
        timespec no_time{0, 0};
        check(syscall(SYS_pselect6, 0, 0, 0, 0, &no_time, mask_and_size) == -1 && errno == EFAULT, "pselect6 with a mask there");
    }
}

// Ranges that reach into the kernel's memory are nobody's.
void aim_ranges()
{
    for (const auto place : kernel_places) {
        void* const start = pointer_to(place & ~std::uint64_t{0xfff});
        constexpr std::size_t size = 2 * deeds::page;
        check(mmap(start, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED, "mmap there");
        check(munmap(start, size) == -1 && mprotect(start, size, PROT_READ | PROT_WRITE) == -1, "munmap and mprotect there");
        check(mremap(start, size, 2 * size, MREMAP_MAYMOVE) == MAP_FAILED, "mremap there");
        check(madvise(start, size, MADV_DONTNEED) == -1, "madvise there");
    }
}

// What the kernel keeps and follows later, when nobody can be told: it touches nothing, and a signal without a place for it ends the process.
void aim_kept_pointers()
{
    for (const auto place : kernel_places) {
        check(deeds::status_of_child([&] {
                  syscall(SYS_set_tid_address, place);
                  syscall(SYS_set_robust_list, place, 24);
              }) == 0, "a child whose words to clear are there ends");
        const long child = syscall(SYS_clone, CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, 0, place, 0, place);
        if (child == 0)
            _exit(0);
        check(child > 0 && deeds::status_of(static_cast<pid_t>(child)) == 0, "a child whose words to set are there");
        const int on_that_stack = deeds::status_of_child([&] {
            const stack_t stack{pointer_to(place - 65536), 0, 65536};
            sigaltstack(&stack, nullptr);
            deeds::handle(SIGUSR2, [](int, siginfo_t*, void*) { _exit(0); }, SA_ONSTACK);
            raise(SIGUSR2);
        });
        check(WIFSIGNALED(on_that_stack) && WTERMSIG(on_that_stack) == SIGSEGV, "a signal on a stack there");
        const int with_that_handler = deeds::status_of_child([&] {
            deeds::handle(SIGUSR2, reinterpret_cast<void (*)(int, siginfo_t*, void*)>(place));
            raise(SIGUSR2);
        });
        check(WIFSIGNALED(with_that_handler), "a handler there");
    }
}

void every_pointer_as(uid_t user)
{
    alarm(240);
    std::memset(pointers::room, 0, sizeof pointers::room);
    map_last_page();
    const gid_t groups[] = {50};
    check(setgroups(1, groups) == 0, "a group");
    const Files files;
    if (user != 0)
        check(setgid(user) == 0 && setuid(user) == 0, "become an ordinary user");
    for (const Row& row : pointers::rows(files))
        if (user == 0 || !row.root_only)
            aim(row);
    aim_inner_pointers(files);
    aim_ranges();
    aim_kept_pointers();
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

// Whether the kernel knows the number, asked by a child, as an ordinary user, for calls that end or wait or change something.
bool is_implemented(long number)
{
    constexpr int no = 77;
    const int status = deeds::status_of_child([&] {
        check(setgid(1000) == 0 && setuid(1000) == 0, "become an ordinary user");
        alarm(2);
        for (int file = 0; file < 3; ++file)
            close(file);
        const bool unknown = call(number, {}) == -1 && errno == ENOSYS;
        _exit(unknown ? no : 0);
    });
    return !WIFEXITED(status) || WEXITSTATUS(status) != no;
}

bool is_listed(const std::vector<Row>& rows, long number)
{
    const auto holds = [&](const auto& list) { return std::find(std::begin(list), std::end(list), number) != std::end(list); };
    return std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return row.number == number; }) ||
           holds(pointers::without_pointers) || holds(pointers::with_pointers_for_later) ||
           (number >= pointers::first_attribute_call && number <= pointers::last_attribute_call);
}

void completeness()
{
    const Files files;
    const auto rows = pointers::rows(files);
    for (long number = 0; number < 512; ++number) {
        const bool listed = is_listed(rows, number);
        if (is_implemented(number) == listed)
            continue;
        ++deeds::failures;
        std::printf(listed ? "system call %ld is listed, but the kernel has none\n"
                           : "system call %ld is not listed: give each of its pointers a row, or say that it has none\n",
                    number);
    }
    for (long number = pointers::first_attribute_call; number <= pointers::last_attribute_call; ++number)
        check(call(number, {}) == -1 && errno == EOPNOTSUPP, "extended attributes");
}

// Requests that numbers of Linux's are made of: plain ones of 16 bits, and some kinds of those that tell direction and size.
std::vector<std::uint64_t> possible_requests()
{
    constexpr std::uint64_t give_up_terminal = 0x5422, take_terminal = 0x540e;  // no pointers, and the next answers would be others
    std::vector<std::uint64_t> requests;
    for (std::uint64_t request = 0; request < 0x10000; ++request)
        if (request != give_up_terminal && request != take_terminal)
            requests.push_back(request);
    for (const std::uint64_t direction : {1, 2, 3})
        for (const std::uint64_t size : {4, 8, 16})
            for (const std::uint64_t kind : {0x12, 0x54, 0x52, 0x66})
                for (std::uint64_t number = 0; number < 256; ++number)
                    requests.push_back(direction << 30 | size << 16 | kind << 8 | number);
    return requests;
}

// What an open file of any kind looks for behind the pointer of a request is in the table.
void requests()
{
    const Files files;
    const auto rows = pointers::device_requests(files);
    const auto wanted = possible_requests();
    const int status = deeds::status_of_child([&] {
        alarm(200);
        for (const int file : {files.terminal, files.disk, files.pipe_ends[0], files.zero, files.random, files.file, files.process, files.folder})
            for (const std::uint64_t request : wanted) {
                if (call(SYS_ioctl, {pointers::number_of(file), request, kernel_places[0]}) != -1 || errno != EFAULT)
                    continue;
                const bool is_for_all = request == 0x5421;  // FIONBIO
                if (is_for_all || std::any_of(rows.begin(), rows.end(), [&](const Row& row) {
                        return row.arguments[0] == pointers::number_of(file) && row.arguments[1] == request;
                    }))
                    continue;
                ++deeds::failures;
                std::printf("ioctl %#llx of descriptor %d takes a pointer: give it a row\n", static_cast<unsigned long long>(request), file);
            }
    });
    check(status == 0, "all requests are listed");
}

constexpr deeds::Deed all_deeds[] = {{"as-root", as_root}, {"as-user", as_user}, {"completeness", completeness}, {"requests", requests}};

}  // namespace

int main(int argc, char** argv)
{
    return deeds::run(all_deeds, argc == 2 ? argv[1] : "all");
}
