#pragma once

#include "kernel/arch.h"
#include "kernel/lib/result.h"
#include "kernel/proc/process.h"

namespace tenon {

// The flags of clone(2) and clone3(2). Namespaces, pidfds and cgroups are not known.
namespace clone_flag {
constexpr u64 exit_signal_mask = 0xff;  // clone(2) only
constexpr u64 share_memory = 0x100;
constexpr u64 share_file_system = 0x200;
constexpr u64 share_files = 0x400;
constexpr u64 share_signal_actions = 0x800;
constexpr u64 trace = 0x2000;           // nobody traces: without effect
constexpr u64 wait_for_exec = 0x4000;
constexpr u64 same_parent = 0x8000;
constexpr u64 same_thread_group = 0x1'0000;
constexpr u64 share_semaphore_undo = 0x4'0000;  // there are no System V semaphores: without effect
constexpr u64 set_tls = 0x8'0000;
constexpr u64 set_parent_id = 0x10'0000;
constexpr u64 clear_child_id = 0x20'0000;
constexpr u64 detached = 0x40'0000;     // without effect since Linux 2.6.2
constexpr u64 untraced = 0x80'0000;
constexpr u64 set_child_id = 0x100'0000;
constexpr u64 share_io = 0x8000'0000;   // I/O is not scheduled by process: without effect
constexpr u64 reset_signal_actions = 0x1'0000'0000;  // clone3(2) only
constexpr u64 known = share_memory | share_file_system | share_files | share_signal_actions | trace | wait_for_exec | same_parent |
                      same_thread_group | share_semaphore_undo | set_tls | set_parent_id | clear_child_id | detached | untraced |
                      set_child_id | share_io | reset_signal_actions;
}  // namespace clone_flag

struct CloneRequest {
    u64 flags = 0;
    int exit_signal = 0;  // what the parent gets when a new process ends; 0: nothing
    UserAddr stack;       // 0: the caller's
    UserPtr<u32> parent_id;
    UserAddr tls;
    UserPtr<u32> child_id;

    bool has(u64 flag) const { return (flags & flag) != 0; }
};

// Makes a process, or a thread of the caller's, that goes on with the caller's registers and result 0; returns its id. Errno::inval
// for flags that contradict each other (clone(2)) or are not known; again at the limit of threads; nomem; restart when the caller must
// look at its signals first.
Result<u32> clone(const CloneRequest& request, const arch::UserRegisters& registers);

}  // namespace tenon
