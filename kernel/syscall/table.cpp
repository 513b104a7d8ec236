#include "kernel/syscall/system_call.h"

#include <array>

#include "kernel/syscall/data.h"
#include "kernel/syscall/descriptor.h"
#include "kernel/syscall/directory.h"
#include "kernel/syscall/execute.h"
#include "kernel/syscall/file.h"
#include "kernel/syscall/identity.h"
#include "kernel/syscall/lock.h"
#include "kernel/syscall/memory.h"
#include "kernel/syscall/metadata.h"
#include "kernel/syscall/module.h"
#include "kernel/syscall/mount.h"
#include "kernel/syscall/pipe.h"
#include "kernel/syscall/poll.h"
#include "kernel/syscall/process.h"
#include "kernel/syscall/schedule.h"
#include "kernel/syscall/signal.h"
#include "kernel/syscall/space.h"
#include "kernel/syscall/system.h"
#include "kernel/syscall/thread.h"
#include "kernel/syscall/time.h"
#include "kernel/syscall/timer.h"
#include "kernel/syscall/unsupported.h"

namespace tenon::syscall {

namespace {

struct Entry {
    u64 number;
    Handler handler;
};

// By number, one family after the other as in include/uapi/asm-generic/unistd.h.
constexpr Entry entries[] = {
    // open files
    {25, sys_fcntl},
    {29, sys_ioctl},
    {32, sys_flock},
    {23, sys_dup},
    {24, sys_dup3},
    {56, sys_openat},
    {57, sys_close},
    {436, sys_close_range},
    {437, sys_openat2},
    {59, sys_pipe2},
    {62, sys_lseek},
    {72, sys_pselect6},
    {73, sys_ppoll},
    // data
    {45, sys_truncate},
    {46, sys_ftruncate},
    {47, sys_fallocate},
    {63, sys_read},
    {64, sys_write},
    {65, sys_readv},
    {66, sys_writev},
    {67, sys_pread64},
    {68, sys_pwrite64},
    {69, sys_preadv},
    {70, sys_pwritev},
    {71, sys_sendfile},
    {286, sys_preadv2},
    {287, sys_pwritev2},
    {81, sys_sync},
    {82, sys_fsync},
    {83, sys_fdatasync},
    {84, sys_sync_file_range},
    {213, sys_readahead},
    {223, sys_fadvise64},
    {267, sys_syncfs},
    {285, sys_copy_file_range},
    // names
    {17, sys_getcwd},
    {33, sys_mknodat},
    {34, sys_mkdirat},
    {35, sys_unlinkat},
    {36, sys_symlinkat},
    {37, sys_linkat},
    {38, sys_renameat},
    {49, sys_chdir},
    {50, sys_fchdir},
    {51, sys_chroot},
    {61, sys_getdents64},
    {78, sys_readlinkat},
    {276, sys_renameat2},
    // attributes
    {48, sys_faccessat},
    {52, sys_fchmod},
    {53, sys_fchmodat},
    {54, sys_fchownat},
    {55, sys_fchown},
    {79, sys_newfstatat},
    {80, sys_fstat},
    {88, sys_utimensat},
    {291, sys_statx},
    {439, sys_faccessat2},
    // mounts
    {39, sys_umount2},
    {40, sys_mount},
    {43, sys_statfs},
    {44, sys_fstatfs},
    // extended attributes: setxattr to fremovexattr
    {5, sys_extended_attribute},
    {6, sys_extended_attribute},
    {7, sys_extended_attribute},
    {8, sys_extended_attribute},
    {9, sys_extended_attribute},
    {10, sys_extended_attribute},
    {11, sys_extended_attribute},
    {12, sys_extended_attribute},
    {13, sys_extended_attribute},
    {14, sys_extended_attribute},
    {15, sys_extended_attribute},
    {16, sys_extended_attribute},
    // processes
    {93, sys_exit},
    {94, sys_exit_group},
    {95, sys_waitid},
    {96, sys_set_tid_address},
    {98, sys_futex},
    {99, sys_set_robust_list},
    {100, sys_get_robust_list},
    {154, sys_setpgid},
    {155, sys_getpgid},
    {156, sys_getsid},
    {157, sys_setsid},
    {163, sys_getrlimit},
    {164, sys_setrlimit},
    {165, sys_getrusage},
    {166, sys_umask},
    {167, sys_prctl},
    {172, sys_getpid},
    {173, sys_getppid},
    {178, sys_gettid},
    {220, sys_clone},
    {435, sys_clone3},
    {97, sys_unshare},
    {221, sys_execve},
    {281, sys_execveat},
    {260, sys_wait4},
    {261, sys_prlimit64},
    // shares of the processors
    {118, sys_sched_setparam},
    {119, sys_sched_setscheduler},
    {120, sys_sched_getscheduler},
    {121, sys_sched_getparam},
    {122, sys_sched_setaffinity},
    {123, sys_sched_getaffinity},
    {124, sys_sched_yield},
    {125, sys_sched_get_priority_max},
    {126, sys_sched_get_priority_min},
    {127, sys_sched_rr_get_interval},
    {140, sys_setpriority},
    {141, sys_getpriority},
    // modules
    {105, sys_init_module},
    {106, sys_delete_module},
    {273, sys_finit_module},
    // time
    {101, sys_nanosleep},
    {112, sys_clock_settime},
    {113, sys_clock_gettime},
    {114, sys_clock_getres},
    {115, sys_clock_nanosleep},
    {128, sys_restart_syscall},
    {153, sys_times},
    {169, sys_gettimeofday},
    {170, sys_settimeofday},
    // timers
    {102, sys_getitimer},
    {103, sys_setitimer},
    {107, sys_timer_create},
    {108, sys_timer_gettime},
    {109, sys_timer_getoverrun},
    {110, sys_timer_settime},
    {111, sys_timer_delete},
    // signals
    {129, sys_kill},
    {130, sys_tkill},
    {131, sys_tgkill},
    {132, sys_sigaltstack},
    {133, sys_rt_sigsuspend},
    {134, sys_rt_sigaction},
    {135, sys_rt_sigprocmask},
    {136, sys_rt_sigpending},
    {137, sys_rt_sigtimedwait},
    {138, sys_rt_sigqueueinfo},
    {240, sys_rt_tgsigqueueinfo},
    {139, sys_rt_sigreturn},
    // identity
    {90, sys_capget},
    {91, sys_capset},
    {143, sys_setregid},
    {144, sys_setgid},
    {145, sys_setreuid},
    {146, sys_setuid},
    {147, sys_setresuid},
    {148, sys_getresuid},
    {149, sys_setresgid},
    {150, sys_getresgid},
    {151, sys_setfsuid},
    {152, sys_setfsgid},
    {158, sys_getgroups},
    {159, sys_setgroups},
    {174, sys_getuid},
    {175, sys_geteuid},
    {176, sys_getgid},
    {177, sys_getegid},
    // memory
    {214, sys_brk},
    {215, sys_munmap},
    {216, sys_mremap},
    {222, sys_mmap},
    {226, sys_mprotect},
    {227, sys_msync},
    {228, sys_mlock},
    {229, sys_munlock},
    {230, sys_mlockall},
    {231, sys_munlockall},
    {232, sys_mincore},
    {233, sys_madvise},
    {284, sys_mlock2},
    // system
    {92, sys_personality},
    {116, sys_syslog},
    {142, sys_reboot},
    {160, sys_uname},
    {161, sys_sethostname},
    {162, sys_setdomainname},
    {168, sys_getcpu},
    {179, sys_sysinfo},
    {278, sys_getrandom},
};

constexpr auto make_table()
{
    std::array<Handler, table_size> table{};
    for (const Entry& entry : entries) {
        // Two handlers for one number do not compile.
        if (entry.number >= table_size || table[entry.number] != nullptr)
            __builtin_unreachable();
        table[entry.number] = entry.handler;
    }
    return table;
}

}  // namespace

constinit const std::array<Handler, table_size> table = make_table();

}  // namespace tenon::syscall
