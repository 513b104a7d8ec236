#pragma once

#include "kernel/arch.h"
#include "kernel/lib/result.h"
#include "kernel/proc/process.h"

namespace tenon {

// The flags of clone(2) that this kernel knows.
namespace clone_flag {
constexpr u64 exit_signal_mask = 0xff;
constexpr u64 share_memory = 0x100;
constexpr u64 share_file_system = 0x200;
constexpr u64 share_files = 0x400;
constexpr u64 share_signals = 0x800;
constexpr u64 wait_for_exec = 0x4000;
constexpr u64 same_thread_group = 0x1'0000;
constexpr u64 set_tls = 0x8'0000;
constexpr u64 set_parent_id = 0x10'0000;
constexpr u64 clear_child_id = 0x20'0000;
constexpr u64 set_child_id = 0x100'0000;
constexpr u64 known = 0x100 | 0x400 | 0x4000 | 0x8'0000 | 0x10'0000 | 0x20'0000 | 0x100'0000 | 0xff;
}  // namespace clone_flag

struct CloneRequest {
    u64 flags = 0;
    UserAddr stack;  // 0: the parent's
    UserPtr<u32> parent_id;
    UserAddr tls;
    UserPtr<u32> child_id;
};

// The child's id. Errno::inval for threads (CLONE_THREAD, CLONE_SIGHAND) and namespaces, again, nomem.
Result<u32> clone_process(Process& parent, const CloneRequest& request, const arch::UserRegisters& registers);

}  // namespace tenon
