#pragma once

#include <string_view>

#include "kernel/lib/types.h"
#include "kernel/proc/capability.h"

// The right that each system call needs, for readers and for tests/boot/programs/rights.cpp, which calls each as an ordinary
// user and compares. A call that does not stand here needs no right: it only reaches what is the caller's own.

namespace tenon::syscall {

enum class Needs : u8 {
    capability,           // EPERM without `capability`
    capability_for_some,  // the same for the requests that `when` names
    permissions,          // the permission bits of the file and of the directories on the way to it: EACCES
    ownership,            // the file's owner, or `capability`: EPERM
    same_user,            // a process of the same user, or `capability`: EPERM
    own_ids,              // only among the ids that the caller has, without `capability`: EPERM
};

struct Right {
    u64 number;
    std::string_view call;
    Needs needs;
    Capability capability;
    std::string_view when = {};  // empty: always
};

// By number. CAP_DAC_OVERRIDE and, for reading and searching, CAP_DAC_READ_SEARCH stand above all permission bits.
constexpr Right rights[] = {
    {25, "fcntl", Needs::own_ids, Capability::sys_resource, "F_SETPIPE_SZ above fs.pipe-max-size"},
    {29, "ioctl", Needs::capability_for_some, Capability::sys_admin, "BLKROSET, BLKFLSBUF (EACCES); another session's terminal"},
    {29, "ioctl", Needs::capability_for_some, Capability::sys_tty_config, "TCXONC on a terminal that is not the caller's"},
    {33, "mknodat", Needs::permissions, Capability::dac_override, "write and search in the directory"},
    {33, "mknodat", Needs::capability, Capability::mknod, "a device"},
    {34, "mkdirat", Needs::permissions, Capability::dac_override, "write and search in the directory"},
    {35, "unlinkat", Needs::permissions, Capability::dac_override, "write and search; sticky: owner of file or directory"},
    {36, "symlinkat", Needs::permissions, Capability::dac_override, "write and search in the directory"},
    {37, "linkat", Needs::permissions, Capability::dac_override, "write and search in the directory"},
    {38, "renameat", Needs::permissions, Capability::dac_override, "write and search in both directories; sticky as unlinkat"},
    {39, "umount2", Needs::capability, Capability::sys_admin},
    {40, "mount", Needs::capability, Capability::sys_admin},
    {43, "statfs", Needs::permissions, Capability::dac_read_search, "search"},
    {45, "truncate", Needs::permissions, Capability::dac_override, "write"},
    {48, "faccessat", Needs::permissions, Capability::dac_override, "of the real user"},
    {49, "chdir", Needs::permissions, Capability::dac_read_search, "search"},
    {50, "fchdir", Needs::permissions, Capability::dac_read_search, "search"},
    {51, "chroot", Needs::capability, Capability::sys_chroot},
    {52, "fchmod", Needs::ownership, Capability::fowner},
    {53, "fchmodat", Needs::ownership, Capability::fowner},
    {54, "fchownat", Needs::ownership, Capability::chown, "the owner may choose among his own groups"},
    {55, "fchown", Needs::ownership, Capability::chown, "the owner may choose among his own groups"},
    {56, "openat", Needs::permissions, Capability::dac_override, "by the access mode; O_TRUNC: write; O_CREAT: as mknodat"},
    {56, "openat", Needs::ownership, Capability::fowner, "O_NOATIME"},
    {78, "readlinkat", Needs::permissions, Capability::dac_read_search, "search"},
    {79, "newfstatat", Needs::permissions, Capability::dac_read_search, "search"},
    {88, "utimensat", Needs::ownership, Capability::fowner, "for both times \"now\" write permission is enough"},
    {91, "capset", Needs::own_ids, Capability::setpcap, "capabilities that the caller does not have"},
    {100, "get_robust_list", Needs::same_user, Capability::sys_ptrace, "as looking into the process"},
    {105, "init_module", Needs::capability, Capability::sys_module},
    {106, "delete_module", Needs::capability, Capability::sys_module},
    {112, "clock_settime", Needs::capability, Capability::sys_time},
    {116, "syslog", Needs::capability, Capability::syslog},
    {118, "sched_setparam", Needs::same_user, Capability::sys_nice},
    {119, "sched_setscheduler", Needs::same_user, Capability::sys_nice, "real-time policies: the capability"},
    {122, "sched_setaffinity", Needs::same_user, Capability::sys_nice},
    {129, "kill", Needs::same_user, Capability::kill, "SIGCONT: or the same session"},
    {130, "tkill", Needs::same_user, Capability::kill},
    {131, "tgkill", Needs::same_user, Capability::kill},
    {138, "rt_sigqueueinfo", Needs::same_user, Capability::kill},
    {140, "setpriority", Needs::same_user, Capability::sys_nice, "a smaller value: by RLIMIT_NICE, else EACCES"},
    {142, "reboot", Needs::capability, Capability::sys_boot},
    {143, "setregid", Needs::own_ids, Capability::setgid},
    {144, "setgid", Needs::own_ids, Capability::setgid},
    {145, "setreuid", Needs::own_ids, Capability::setuid},
    {146, "setuid", Needs::own_ids, Capability::setuid},
    {147, "setresuid", Needs::own_ids, Capability::setuid},
    {149, "setresgid", Needs::own_ids, Capability::setgid},
    {159, "setgroups", Needs::capability, Capability::setgid},
    {161, "sethostname", Needs::capability, Capability::sys_admin},
    {162, "setdomainname", Needs::capability, Capability::sys_admin},
    {164, "setrlimit", Needs::own_ids, Capability::sys_resource, "above the hard limit"},
    {167, "prctl", Needs::own_ids, Capability::setpcap, "PR_CAPBSET_DROP, PR_SET_SECUREBITS"},
    {170, "settimeofday", Needs::capability, Capability::sys_time},
    {221, "execve", Needs::permissions, Capability::dac_override, "execute; CAP_DAC_OVERRIDE only when somebody may"},
    {222, "mmap", Needs::permissions, Capability::dac_override, "by the open that gave the descriptor; noexec mounts"},
    {226, "mprotect", Needs::permissions, Capability::dac_override, "not more than the descriptor allowed"},
    {228, "mlock", Needs::own_ids, Capability::ipc_lock, "above RLIMIT_MEMLOCK: ENOMEM, or EPERM when that is 0"},
    {230, "mlockall", Needs::own_ids, Capability::ipc_lock, "as mlock"},
    {240, "rt_tgsigqueueinfo", Needs::same_user, Capability::kill},
    {261, "prlimit64", Needs::own_ids, Capability::sys_resource, "above the hard limit; another process: one with the caller's ids only"},
    {273, "finit_module", Needs::capability, Capability::sys_module},
    {276, "renameat2", Needs::permissions, Capability::dac_override, "as renameat"},
    {281, "execveat", Needs::permissions, Capability::dac_override, "as execve"},
    {284, "mlock2", Needs::own_ids, Capability::ipc_lock, "as mlock"},
    {291, "statx", Needs::permissions, Capability::dac_read_search, "search"},
    {437, "openat2", Needs::permissions, Capability::dac_override, "as openat"},
    {439, "faccessat2", Needs::permissions, Capability::dac_override, "of the real user; AT_EACCESS: of the effective one"},
};

}  // namespace tenon::syscall
