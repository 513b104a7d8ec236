// Checks who may do what (credentials(7), capabilities(7)): system calls, ids, capabilities, set-id programs, other processes.
#include "tests/boot/programs/user.h"

#include "kernel/proc/capability.h"

#include <algorithm>
#include <array>

#include <linux/capability.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>

namespace {

using namespace deeds;
using tenon::Capability;
// Each of these succeeded for everybody once.
void reach_of_a_user()
{
    as_user([] {
        refused(mount("none", "/tmp", "tmpfs", 0, nullptr), EPERM, "mount");
        refused(umount2("/tmp", MNT_DETACH), EPERM, "umount");
        refused(chmod("/bin/busybox", 04755), EPERM, "chmod");
        refused(chown("/etc/passwd", 1000, 1000), EPERM, "chown");
        refused(open("/etc/passwd", O_WRONLY), EACCES, "/etc/passwd");
        refused(open("/bin/busybox", O_WRONLY), EACCES, "/bin/busybox");
        refused(open("/dev/kmsg", O_WRONLY), EACCES, "writing the log");
        refused(open("/dev/kmsg", O_RDONLY), EPERM, "reading the log");
        refused(syscall(SYS_syslog, 5, nullptr, 0), EPERM, "clearing the log");
        refused(open("/dev/mine", O_WRONLY | O_CREAT, 0600), EACCES, "/dev");
        refused(unlink("/dev/null"), EACCES, "a device's name");
        check(open_and_close("/dev/null", O_RDWR) == 0 && open_and_close("/dev/zero", O_RDWR) == 0, "what is for all");
        refused(open("/proc/1/environ", O_RDONLY), EACCES, "/proc/1/environ");
        refused(open("/proc/1/maps", O_RDONLY), EACCES, "/proc/1/maps");
        refused(open("/proc/1/fd/0", O_RDWR), EACCES, "/proc/1/fd/0");
        refused(open("/proc/1/fd", O_RDONLY | O_DIRECTORY), EACCES, "/proc/1/fd");
        char target[64];
        refused(readlink("/proc/1/exe", target, sizeof target), EACCES, "/proc/1/exe");
        refused(open("/proc/1/cwd/etc/passwd", O_RDONLY), EACCES, "/proc/1/cwd");
        check(open_and_close("/proc/1/status", O_RDONLY) == 0 && open_and_close("/proc/1/cmdline", O_RDONLY) == 0, "what ps reads");
        refused(open("/proc/self/environ", O_RDONLY), EACCES, "what became a user keeps root's memory to itself");
        check(prctl(PR_SET_DUMPABLE, 1) == 0, "until it says that nothing is left");
        check(open_and_close("/proc/self/environ", O_RDONLY) == 0 && readlink("/proc/self/exe", target, sizeof target) > 0,
              "one's own process");
    });
}

void signals()
{
    const pid_t root = start_child([] {
        setpgid(0, 0);
        pause();
    });
    setpgid(root, root);
    const pid_t other = start_child([] {
        become(1001, 1001);
        pause();
    });
    as_user([&] {
        refused(kill(root, SIGKILL), EPERM, "a process of root");
        refused(kill(root, 0), EPERM, "not even asked for");
        refused(kill(-root, SIGKILL), EPERM, "its group");
        refused(kill(other, SIGKILL), EPERM, "another user's");
        refused(kill(1, SIGHUP), EPERM, "init");
        check(kill(root, SIGCONT) == 0, "SIGCONT within the session");
        const pid_t mine = start_child([] { pause(); });
        check(kill(mine, SIGKILL) == 0 && WTERMSIG(status_of(mine)) == SIGKILL, "one's own");
        const pid_t beside = start_child([&] {
            setpgid(0, root);
            pause();
        });
        setpgid(beside, root);
        check(kill(-root, SIGTERM) == 0 && WTERMSIG(status_of(beside)) == SIGTERM, "one's own in a mixed group");
        kill(-1, SIGURG);
    });
    check(kill(root, 0) == 0 && kill(other, 0) == 0, "they live");
    kill(root, SIGKILL);
    kill(other, SIGKILL);
    check(WTERMSIG(status_of(root)) == SIGKILL && WTERMSIG(status_of(other)) == SIGKILL, "root may");
}

struct Sets {
    __u64 effective, permitted, inheritable;
};

Sets get_sets()
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2]{};
    check(syscall(SYS_capget, &header, data) == 0, "capget");
    const auto join = [](__u32 low, __u32 high) { return low | (__u64{high} << 32); };
    return {join(data[0].effective, data[1].effective), join(data[0].permitted, data[1].permitted),
            join(data[0].inheritable, data[1].inheritable)};
}

long set_sets(const Sets& sets)
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const auto part = [](__u64 set, int half) { return static_cast<__u32>(set >> (32 * half)); };
    const __user_cap_data_struct data[2]{{part(sets.effective, 0), part(sets.permitted, 0), part(sets.inheritable, 0)},
                                         {part(sets.effective, 1), part(sets.permitted, 1), part(sets.inheritable, 1)}};
    return syscall(SYS_capset, &header, data);
}

constexpr __u64 every = (__u64{1} << tenon::capability_count) - 1;

constexpr __u64 bit(Capability capability)
{
    return __u64{1} << static_cast<unsigned>(capability);
}

void capabilities()
{
    Sets now = get_sets();
    check(now.effective == every && now.permitted == every && now.inheritable == 0, "root has all");
    check(set_sets({bit(Capability::chown), every, 0}) == 0, "effective can be laid down");
    refused(chroot("/"), EPERM, "what is laid down does not count");
    check(set_sets({every, every, 0}) == 0 && chroot("/") == 0, "and taken up again");
    check(set_sets({0, bit(Capability::sys_chroot), 0}) == 0, "permitted can be given up");
    refused(set_sets({every, every, 0}), EPERM, "but not got back");
    refused(set_sets({0, bit(Capability::sys_chroot), bit(Capability::kill)}), EPERM, "nor inherited without CAP_SETPCAP");
    check(set_sets({bit(Capability::sys_chroot), bit(Capability::sys_chroot), 0}) == 0 && chroot("/") == 0, "one alone");
    refused(setuid(1000), EPERM, "root without CAP_SETUID is a user");
    __user_cap_header_struct header{0, 0};
    refused(syscall(SYS_capget, &header, &now), EINVAL, "a version that is not known");
    check(header.version == _LINUX_CAPABILITY_VERSION_3, "is answered with the one to use");
}

void capabilities_and_ids()
{
    as_user([] {
        const Sets now = get_sets();
        check(now.effective == 0 && now.permitted == 0, "leaving uid 0 gives all up");
        refused(setuid(0), EPERM, "no way back");
    });
    const auto in_child = [](const std::function<void()>& body) { check(status_of_child(body) == 0, "child"); };
    in_child([] {
        check(setresuid(-1, 1000, -1) == 0 && get_sets().effective == 0 && get_sets().permitted == every, "effective follows the uid");
        check(setresuid(-1, 0, -1) == 0 && get_sets().effective == every, "and comes back");
    });
    in_child([] {
        check(prctl(PR_SET_KEEPCAPS, 1) == 0 && setresuid(1000, 1000, 1000) == 0, "PR_SET_KEEPCAPS");
        check(get_sets().permitted == every && get_sets().effective == 0, "keeps what is permitted");
        check(set_sets({bit(Capability::sys_chroot), every, 0}) == 0 && chroot("/") == 0, "to be taken up");
    });
    in_child([] {
        check(prctl(PR_CAPBSET_READ, CAP_MKNOD) == 1 && prctl(PR_CAPBSET_DROP, CAP_MKNOD) == 0, "the bounding set");
        check(prctl(PR_CAPBSET_READ, CAP_MKNOD) == 0, "shrinks");
        copy_self("/tmp/rights-copy", 0755);
        check(run_program("/tmp/rights-copy", "has-mknod") == 1, "programs cannot get back what is out of bounds");
        unlink("/tmp/rights-copy");
    });
    in_child([] {
        copy_self("/tmp/rights-copy", 0755);
        refused(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_MKNOD, 0, 0), EPERM, "ambient needs inheritable");
        check(prctl(PR_SET_KEEPCAPS, 1) == 0 && setresuid(1000, 1000, 1000) == 0, "keep");
        check(set_sets({every, every, bit(Capability::mknod)}) == 0, "inheritable");
        check(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_MKNOD, 0, 0) == 0, "raise");
        check(run_program("/tmp/rights-copy", "has-mknod") == 0, "an ambient capability goes over to programs");
        check(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0, "clear");
        check(run_program("/tmp/rights-copy", "has-mknod") == 1, "and no other");
    });
    unlink("/tmp/rights-copy");
}

void ids()
{
    const auto in_child = [](const std::function<void()>& body) { check(status_of_child(body) == 0, "child"); };
    const auto are = [](uid_t real, uid_t effective, uid_t saved) {
        uid_t now[3];
        return getresuid(&now[0], &now[1], &now[2]) == 0 && now[0] == real && now[1] == effective && now[2] == saved;
    };
    in_child([&] { check(setuid(1000) == 0 && are(1000, 1000, 1000), "setuid by root sets all"); });
    in_child([&] {
        check(setresuid(1000, 0, 0) == 0 && seteuid(1000) == 0 && are(1000, 1000, 0), "the saved uid stays");
        check(setuid(0) == 0 && are(1000, 0, 0), "setuid goes back to it");
        check(setreuid(0, 1000) == 0 && are(0, 1000, 1000), "setreuid moves the saved one");
    });
    in_child([&] {
        check(setresuid(1000, 1001, 1002) == 0 && setuid(1002) == 0 && are(1000, 1002, 1002), "a user chooses among his own");
        refused(setuid(1001), EPERM, "what is gone is gone");
        refused(setreuid(1002 + 1, -1), EPERM, "and no others");
        refused(setresuid(-1, -1, 0), EPERM, "not root");
    });
    in_child([&] {
        check(setresgid(5, 6, 7) == 0 && setresuid(1000, 1000, 1000) == 0 && setgid(7) == 0 && getegid() == 7 && getgid() == 5, "groups alike");
        refused(setgid(0), EPERM, "no foreign group");
        const gid_t none[] = {0};
        refused(setgroups(1, none), EPERM, "no supplementary group");
    });
}

void set_id_programs()
{
    copy_self("/tmp/rights-root", 04755);
    copy_self("/tmp/rights-group", 02755);
    check(chown("/tmp/rights-group", 0, 50) == 0 && chmod("/tmp/rights-group", 02755) == 0, "chown");
    as_user([] {
        check(run_program("/tmp/rights-root", "is-set-user-id") == 0, "runs as its owner");
        check(run_program("/tmp/rights-group", "is-set-group-id") == 0, "runs as its group");
        write_text("/tmp/rights-script", "#!/tmp/rights-copy is-ordinary\n", 0755);
    });
    copy_self("/tmp/rights-copy", 0755);
    check(chown("/tmp/rights-script", 0, 0) == 0 && chmod("/tmp/rights-script", 04755) == 0, "a script");
    as_user([] {
        check(run_program("/tmp/rights-script", "x") == 0, "a script gives no rights");
        check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1, "no_new_privs");
        check(run_program("/tmp/rights-root", "is-ordinary") == 0, "takes the rights from programs");
        refused(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL, "for ever");
    });
    as_user([] {
        umask(022);
        const auto child = static_cast<pid_t>(syscall(SYS_clone, CLONE_FS | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
        if (child == 0) {
            execl("/tmp/rights-root", "rights", "keeps-its-umask", nullptr);
            _exit(9);
        }
        usleep(200'000);
        umask(0);
        check(status_of(child) == 0, "shares no umask with who shared the caller's");
    });
    mkdir("/tmp/nosuid", 0755);
    check(mount("none", "/tmp/nosuid", "tmpfs", MS_NOSUID, nullptr) == 0, "mount");
    copy_self("/tmp/nosuid/rights", 04755);
    as_user([] { check(run_program("/tmp/nosuid/rights", "is-ordinary") == 0, "a nosuid mount gives no rights"); });
    umount("/tmp/nosuid");
    rmdir("/tmp/nosuid");
    for (const char* name : {"/tmp/rights-root", "/tmp/rights-group", "/tmp/rights-script", "/tmp/rights-copy"})
        unlink(name);
}

void stolen_terminal()
{
    as_user([] {
        check(setsid() > 0, "a session");
        refused(ioctl(0, TIOCSCTTY, 1), EPERM, "another session's terminal");
    });
}

// What a program of its own says about itself: 0 for yes.
int answer(std::string_view question)
{
    const bool secure = getauxval(AT_SECURE) != 0;
    if (question == "has-mknod")
        return (get_sets().effective & bit(Capability::mknod)) != 0 ? 0 : 1;
    if (question == "is-ordinary")
        return getuid() == 1000 && geteuid() == 1000 && get_sets().permitted == 0 && !secure ? 0 : 1;
    if (question == "is-set-user-id")
        return getuid() == 1000 && geteuid() == 0 && getauxval(AT_EUID) == 0 && get_sets().effective == every && secure &&
                       prctl(PR_GET_DUMPABLE) == 0
                   ? 0
                   : 1;
    if (question == "keeps-its-umask") {
        usleep(500'000);
        return umask(0) == 022 ? 0 : 1;
    }
    if (question == "is-set-group-id")
        return getgid() == 1000 && getegid() == 50 && geteuid() == 1000 && get_sets().effective == 0 && secure ? 0 : 1;
    return -1;
}

void limits_of_others()
{
    const pid_t root = start_child([] { pause(); });
    rlimit limit{};
    check(prlimit(root, RLIMIT_CORE, nullptr, &limit) == 0, "root may look");
    const rlimit wanted{.rlim_cur = 5, .rlim_max = 10};
    check(prlimit(root, RLIMIT_NICE, &wanted, nullptr) == 0 && prlimit(root, RLIMIT_NICE, nullptr, &limit) == 0 && limit.rlim_cur == 5,
          "and change");
    as_user([&] {
        refused(prlimit(root, RLIMIT_CORE, nullptr, &limit), EPERM, "another user's");
        refused(prlimit(999999, RLIMIT_CORE, nullptr, &limit), ESRCH, "nobody's");
        const pid_t mine = start_child([] { pause(); });
        const rlimit less{.rlim_cur = 1, .rlim_max = 1};
        check(prlimit(mine, RLIMIT_NPROC, &less, nullptr) == 0, "one's own");
        refused(prlimit(mine, RLIMIT_NPROC, &wanted, nullptr), EPERM, "but not above the hard limit");
        kill(mine, SIGKILL);
        status_of(mine);
    });
    kill(root, SIGKILL);
    status_of(root);
}

constexpr Deed all[] = {
    {"reach-of-a-user", reach_of_a_user},
    {"signals", signals},
    {"capabilities", capabilities},
    {"capabilities-and-ids", capabilities_and_ids},
    {"ids", ids},
    {"set-id-programs", set_id_programs},
    {"limits-of-others", limits_of_others},
    {"stolen-terminal", stolen_terminal},
};

}  // namespace

int main(int argc, char** argv)
{
    if (argc >= 2)
        if (const int said = answer(argv[1]); said >= 0)
            return said;
    return run(all, argc == 2 ? argv[1] : "all");
}
