// Compares the table of rights (kernel/syscall/rights.h) with what the kernel does: each row as an ordinary user, who is refused, and
// as root, who is not; and every call without a row, which needs no right.
#include "tests/boot/programs/user.h"

#include "kernel/syscall/rights.h"

#include <algorithm>
#include <array>
#include <vector>

#include <linux/capability.h>
#include <linux/openat2.h>
#include <linux/reboot.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <termios.h>

namespace {

using namespace deeds;
using tenon::syscall::Needs;
using Words = std::array<long, 6>;

constexpr const char* closed_folder = "/tmp/closed";
constexpr const char* inner_file = "/tmp/closed/file";
constexpr const char* inner_link = "/tmp/closed/link";
constexpr const char* inner_new = "/tmp/closed/new";
constexpr const char* private_file = "/tmp/private";  // 0600
constexpr const char* public_file = "/tmp/public";    // 0755, and root's

// Made by root before anybody is refused.
struct Scene {
    Scene()
    {
        mkdir(closed_folder, 0700);
        write_text(inner_file, "#!/bin/busybox true\n", 0755);
        write_text(private_file, "text", 0600);
        write_text(public_file, "#!/bin/busybox true\n", 0755);
        check(symlink("file", inner_link) == 0, "a link");
        folder = open(closed_folder, O_RDONLY | O_DIRECTORY);
        file = open(public_file, O_RDONLY);
        check(pipe(pipe_ends) == 0, "a pipe");
        root = start_child([] {
            setpgid(0, 0);
            pause();
        });
    }
    ~Scene()
    {
        kill(root, SIGKILL);
        status_of(root);
        for (const char* name : {inner_file, inner_link, inner_new, private_file, public_file})
            unlink(name);
        rmdir(closed_folder);
    }

    int folder;
    int file;
    int pipe_ends[2];
    pid_t root;
};

long word(const void* pointer)
{
    return reinterpret_cast<long>(pointer);
}

long call(unsigned long number, const Words& words)
{
    return syscall(static_cast<long>(number), words[0], words[1], words[2], words[3], words[4], words[5]);
}

// Arguments with which root's call would come as far as the question of capabilities, and do no harm behind it.
Words arguments_for(unsigned long number)
{
    switch (number) {
    case SYS_mknodat: return {AT_FDCWD, word("/tmp/a-device"), S_IFCHR | 0600, 0x103};
    case SYS_umount2: return {word("/tmp"), 0};
    case SYS_mount: return {word("none"), word("/tmp"), word("no-such-type"), 0, 0};
    case SYS_chroot: return {word("/")};
    case SYS_reboot: return {LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, 0x1234};
    case SYS_syslog: return {10};
    case SYS_setuid:
    case SYS_setreuid:
    case SYS_setresuid: return {ordinary_user, ordinary_user, ordinary_user};
    case SYS_setgid:
    case SYS_setregid:
    case SYS_setresgid: return {ordinary_group, ordinary_group, ordinary_group};
    default: return {};
    }
}

bool is_refused(unsigned long number, const Words& words)
{
    constexpr int refusal = 77;
    const pid_t child = start_child([&] {
        become(ordinary_user, ordinary_group);
        alarm(2);  // a call that waits was not refused
        for (int file = 0; file < 3; ++file)
            close(file);
        _exit(call(number, words) == -1 && errno == EPERM ? refusal : 0);
    });
    const int status = status_of(child);
    return WIFEXITED(status) && WEXITSTATUS(status) == refusal;
}

bool needs_capability(unsigned long number)
{
    return std::any_of(std::begin(tenon::syscall::rights), std::end(tenon::syscall::rights),
                       [&](const auto& row) { return row.number == number && row.needs == Needs::capability; });
}

void capabilities()
{
    for (const auto& row : tenon::syscall::rights)
        if (row.needs == Needs::capability && !is_refused(row.number, arguments_for(row.number))) {
            std::printf("%.*s: ", static_cast<int>(row.call.size()), row.call.data());
            check(false, "a call that needs a capability is refused");
        }
    for (unsigned long number = 0; number < 500; ++number) {
        const bool ends_or_splits = number == SYS_clone || number == SYS_exit || number == SYS_exit_group;
        if (ends_or_splits || needs_capability(number) || !is_refused(number, arguments_for(number)))
            continue;
        std::printf("system call %lu: ", number);
        check(false, "a call that needs no capability is not refused");
    }
    for (const unsigned long number : {SYS_mknodat, SYS_chroot, SYS_syslog})
        check(call(number, arguments_for(number)) != -1, "root may");
    unlink("/tmp/a-device");
}

// A call that the row of that number is about, and the error that a user gets.
struct Example {
    unsigned long number;
    Needs needs;
    int error;
    std::function<long()> make;
    bool root_may = true;
};

// In an order in which root's call takes back what the one before has made.
std::vector<Example> examples_of_permissions(const Scene& scene)
{
    static struct stat status;
    static struct statfs space;
    static struct statx extended;
    static char text[64];
    static open_how how{.flags = O_RDONLY, .mode = 0, .resolve = 0};
    static char* no_words[] = {nullptr};
    const auto of = [](unsigned long number, const Words& words) {
        return Example{number, Needs::permissions, EACCES, [=] { return call(number, words); }};
    };
    const auto may_nobody = [](unsigned long number, std::function<long()> make) {
        return Example{number, Needs::permissions, EACCES, std::move(make), false};
    };
    return {
        of(SYS_mknodat, {AT_FDCWD, word(inner_new), S_IFREG | 0600, 0}),
        of(SYS_unlinkat, {AT_FDCWD, word(inner_new), 0}),
        of(SYS_symlinkat, {word("target"), AT_FDCWD, word(inner_new)}),
        of(SYS_renameat, {AT_FDCWD, word(inner_new), AT_FDCWD, word(inner_new)}),
        of(SYS_renameat2, {AT_FDCWD, word(inner_new), AT_FDCWD, word(inner_new), 0}),
        of(SYS_unlinkat, {AT_FDCWD, word(inner_new), 0}),
        of(SYS_mkdirat, {AT_FDCWD, word(inner_new), 0700}),
        of(SYS_unlinkat, {AT_FDCWD, word(inner_new), AT_REMOVEDIR}),
        of(SYS_linkat, {AT_FDCWD, word(inner_file), AT_FDCWD, word(inner_new), 0}),
        of(SYS_statfs, {word(inner_file), word(&space)}),
        of(SYS_truncate, {word(private_file), 4}),
        of(SYS_faccessat, {AT_FDCWD, word(private_file), R_OK}),
        of(SYS_faccessat2, {AT_FDCWD, word(private_file), R_OK, AT_EACCESS}),
        of(SYS_chdir, {word(closed_folder)}),
        of(SYS_fchdir, {scene.folder}),
        of(SYS_openat, {AT_FDCWD, word(private_file), O_RDONLY}),
        of(SYS_openat2, {AT_FDCWD, word(private_file), word(&how), sizeof how}),
        of(SYS_readlinkat, {AT_FDCWD, word(inner_link), word(text), sizeof text}),
        of(SYS_newfstatat, {AT_FDCWD, word(inner_file), word(&status), 0}),
        of(SYS_statx, {AT_FDCWD, word(inner_file), 0, STATX_BASIC_STATS, word(&extended)}),
        of(SYS_execve, {word(inner_file), word(no_words), word(no_words)}),
        of(SYS_execveat, {AT_FDCWD, word(inner_file), word(no_words), word(no_words), 0}),
        may_nobody(SYS_mmap, [&] { return call(SYS_mmap, {0, page, PROT_WRITE, MAP_SHARED, scene.file, 0}); }),
        may_nobody(SYS_mprotect, [&] { return mprotect(map_memory(page, MAP_SHARED, scene.file, PROT_READ), page, PROT_WRITE); }),
    };
}

std::vector<Example> examples_of_ownership(const Scene& scene)
{
    static const timespec times[2]{};
    const auto of = [](unsigned long number, const Words& words) {
        return Example{number, Needs::ownership, EPERM, [=] { return call(number, words); }};
    };
    return {
        of(SYS_fchmod, {scene.file, 0755}),
        of(SYS_fchmodat, {AT_FDCWD, word(public_file), 0755}),
        of(SYS_fchown, {scene.file, 0, 0}),
        of(SYS_fchownat, {AT_FDCWD, word(public_file), 0, 0, 0}),
        of(SYS_openat, {AT_FDCWD, word(public_file), O_RDONLY | O_NOATIME}),
        of(SYS_utimensat, {AT_FDCWD, word(public_file), word(times), 0}),
    };
}

std::vector<Example> examples_about_processes(const Scene& scene)
{
    static const sched_param parameters{};
    static const unsigned long cpus = 1;
    static siginfo_t information{};
    information.si_signo = SIGURG;
    information.si_code = SI_QUEUE;
    static long answers[2];
    const pid_t root = scene.root;
    const auto of = [](unsigned long number, const Words& words) {
        return Example{number, Needs::same_user, EPERM, [=] { return call(number, words); }};
    };
    return {
        of(SYS_get_robust_list, {root, word(&answers[0]), word(&answers[1])}),
        of(SYS_sched_setparam, {root, word(&parameters)}),
        of(SYS_sched_setscheduler, {root, SCHED_BATCH, word(&parameters)}),
        of(SYS_sched_setaffinity, {root, sizeof cpus, word(&cpus)}),
        of(SYS_kill, {root, SIGURG}),
        of(SYS_tkill, {root, SIGURG}),
        of(SYS_tgkill, {root, root, SIGURG}),
        of(SYS_rt_sigqueueinfo, {root, SIGURG, word(&information)}),
        of(SYS_rt_tgsigqueueinfo, {root, root, SIGURG, word(&information)}),
        of(SYS_setpriority, {PRIO_PROCESS, root, 5}),
    };
}

long raise_all_capabilities()
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct data[2]{{1, 1, 0}, {0, 0, 0}};
    return syscall(SYS_capset, &header, data);
}

std::vector<Example> examples_of_own_ids(const Scene& scene)
{
    static rlimit limit;
    getrlimit(RLIMIT_CORE, &limit);
    static char* const memory = map_memory(16 * page, MAP_PRIVATE);
    const auto of = [](unsigned long number, int error, std::function<long()> make) {
        return Example{number, Needs::own_ids, error, std::move(make)};
    };
    const auto ids = [&](unsigned long number) { return of(number, EPERM, [=] { return call(number, {0, 0, 0}); }); };
    const auto lowered = [](int resource, auto&& then) {
        rlimit low{.rlim_cur = 4096, .rlim_max = 4096};
        return setrlimit(static_cast<__rlimit_resource>(resource), &low) == 0 ? then() : -1;
    };
    const auto raise = [=] {
        return lowered(RLIMIT_STACK, [] {
            const rlimit high{.rlim_cur = 8192, .rlim_max = 8192};
            return syscall(SYS_setrlimit, RLIMIT_STACK, &high);
        });
    };
    return {
        of(SYS_fcntl, EPERM, [&] { return fcntl(scene.pipe_ends[0], F_SETPIPE_SZ, 2 * mib) < 0 ? -1 : 0; }),
        of(SYS_capset, EPERM, raise_all_capabilities),
        ids(SYS_setregid), ids(SYS_setgid), ids(SYS_setreuid), ids(SYS_setuid), ids(SYS_setresuid), ids(SYS_setresgid),
        of(SYS_setrlimit, EPERM, raise),
        of(SYS_prctl, EPERM, [] { return prctl(PR_CAPBSET_DROP, CAP_MKNOD, 0, 0, 0); }),
        of(SYS_mlock, ENOMEM, [=] { return lowered(RLIMIT_MEMLOCK, [] { return syscall(SYS_mlock, memory, 16 * page); }); }),
        of(SYS_mlock2, ENOMEM, [=] { return lowered(RLIMIT_MEMLOCK, [] { return syscall(SYS_mlock2, memory, 16 * page, 0); }); }),
        of(SYS_mlockall, ENOMEM, [=] { return lowered(RLIMIT_MEMLOCK, [] { return syscall(SYS_mlockall, MCL_CURRENT); }); }),
        of(SYS_prlimit64, EPERM, [&] { return syscall(SYS_prlimit64, scene.root, RLIMIT_CORE, nullptr, &limit); }),
    };
}

// A terminal is stolen in a session of one's own; root's success would take it from the shell.
std::vector<Example> examples_for_some_requests()
{
    return {{SYS_ioctl, Needs::capability_for_some, EPERM, [] { return setsid() < 0 ? 0L : call(SYS_ioctl, {0, TIOCSCTTY, 1}); }, false}};
}

void check_example(const Example& example)
{
    const auto run = [&](bool as_root) {
        return status_of_child([&] {
            if (!as_root)
                become(ordinary_user, ordinary_group);
            const long result = example.make();
            const bool was_refused = result == -1 && errno == example.error;
            if (was_refused == as_root)
                std::printf("system call %lu as %s: %ld (errno %d)\n", example.number, as_root ? "root" : "a user", result, errno);
            _exit(was_refused == as_root ? 1 : 0);
        });
    };
    check(run(false) == 0, "the user is refused");
    if (example.root_may)
        check(run(true) == 0, "root is not");
}

void examples()
{
    const Scene scene;
    std::vector<Example> all;
    for (const auto& part : {examples_of_permissions(scene), examples_of_ownership(scene), examples_about_processes(scene),
                             examples_of_own_ids(scene), examples_for_some_requests()})
        all.insert(all.end(), part.begin(), part.end());
    for (const auto& row : tenon::syscall::rights) {
        const bool has_one = row.needs == Needs::capability || std::any_of(all.begin(), all.end(), [&](const Example& example) {
                                 return example.number == row.number && example.needs == row.needs;
                             });
        if (!has_one)
            std::printf("%.*s: ", static_cast<int>(row.call.size()), row.call.data());
        check(has_one, "every row of the table has an example");
    }
    for (const Example& example : all)
        check_example(example);
}

constexpr Deed all[] = {
    {"capabilities", capabilities},
    {"examples", examples},
};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
