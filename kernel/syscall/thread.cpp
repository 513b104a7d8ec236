#include "kernel/syscall/thread.h"

#include <algorithm>
#include <array>

#include "kernel/lib/checked.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/exit.h"
#include "kernel/proc/fork.h"
#include "kernel/proc/process_access.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/robust_list.h"
#include "kernel/proc/signal_set.h"
#include "kernel/proc/unshare.h"
#include "kernel/syscall/extensible.h"

// Threads and processes: how they begin, what they are called, how they end.

namespace tenon::syscall {

namespace {

// struct clone_args as far as this kernel knows it (include/uapi/linux/sched.h); a caller may know less or more of it.
struct CloneArguments {
    u64 flags = 0;
    u64 process_descriptor = 0;
    u64 child_id = 0;
    u64 parent_id = 0;
    u64 exit_signal = 0;
    u64 stack = 0;
    u64 stack_size = 0;
    u64 tls = 0;
    u64 wanted_ids = 0;
    u64 wanted_id_count = 0;
    u64 control_group = 0;
};
constexpr u64 first_clone_size = 64;  // of the structure's first version

Result<CloneRequest> request_of(const CloneArguments& arguments)
{
    const bool is_thread = (arguments.flags & clone_flag::same_thread_group) != 0;
    const bool sound = (arguments.flags & (clone_flag::exit_signal_mask | clone_flag::detached)) == 0 &&
                       arguments.exit_signal <= static_cast<u64>(signal_number::count) &&
                       !((is_thread || (arguments.flags & clone_flag::same_parent) != 0) && arguments.exit_signal != 0) &&
                       (arguments.stack == 0) == (arguments.stack_size == 0) && arguments.wanted_ids == 0 &&
                       arguments.wanted_id_count == 0;
    const auto stack_top = checked_add(arguments.stack, arguments.stack_size);
    if (!sound || !stack_top)
        return fail(Errno::inval);
    return CloneRequest{.flags = arguments.flags,
                        .exit_signal = static_cast<int>(arguments.exit_signal),
                        .stack = UserAddr(*stack_top),
                        .parent_id = UserPtr<u32>(arguments.parent_id),
                        .tls = UserAddr(arguments.tls),
                        .child_id = UserPtr<u32>(arguments.child_id)};
}

}  // namespace

Result<process_table::FoundThread> thread_or_caller(u32 id)
{
    auto found = process_table::find_thread(id == 0 ? current_user_thread().id() : id);
    if (!found.thread)
        return fail(Errno::srch);
    return found;
}

Result<u64> sys_clone(const Arguments& arguments)
{
    // The upper half of the flags is not looked at.
    const u64 flags = arguments.as_u32(0);
    const CloneRequest request{.flags = flags & ~clone_flag::exit_signal_mask,
                               .exit_signal = static_cast<int>(flags & clone_flag::exit_signal_mask),
                               .stack = arguments.address(1),
                               .parent_id = arguments.pointer<u32>(2),
                               .tls = arguments.address(3),
                               .child_id = arguments.pointer<u32>(4)};
    return TRY(clone(request, arch::user_registers(arch::current_thread())));
}

Result<u64> sys_clone3(const Arguments& arguments)
{
    const auto loaded = TRY(load_extensible<CloneArguments>(arguments.address(0), arguments[1], first_clone_size));
    const auto request = TRY(request_of(loaded));
    return TRY(clone(request, arch::user_registers(arch::current_thread())));
}

// What a thread shares with the others of its process it cannot have for itself: EINVAL, which is stricter than Linux.
Result<u64> sys_unshare(const Arguments& arguments)
{
    constexpr u64 known = clone_flag::share_files | clone_flag::share_file_system | clone_flag::share_semaphore_undo;
    const u64 flags = arguments[0];
    if ((flags & ~known) != 0)
        return fail(Errno::inval);
    Process& process = current_process();
    TRY(unshare::require_one_thread(process));
    if ((flags & clone_flag::share_files) != 0)
        TRY(unshare::files(process));
    if ((flags & clone_flag::share_file_system) != 0)
        TRY(unshare::directories(process));
    return 0;
}

Result<u64> sys_exit(const Arguments& arguments)
{
    exit_thread_with_code(arguments.as_int(0));
}

Result<u64> sys_exit_group(const Arguments& arguments)
{
    exit_with_code(arguments.as_int(0));
}

Result<u64> sys_gettid(const Arguments&)
{
    return current_user_thread().id();
}

Result<u64> sys_set_tid_address(const Arguments& arguments)
{
    UserThread& thread = current_user_thread();
    thread.clear_child_id = arguments.pointer<u32>(0);
    return thread.id();
}

Result<u64> sys_set_robust_list(const Arguments& arguments)
{
    if (arguments[1] != robust_list::head_size)
        return fail(Errno::inval);
    current_user_thread().robust_list.store(arguments[0]);
    return 0;
}

Result<u64> sys_get_robust_list(const Arguments& arguments)
{
    const auto found = TRY(thread_or_caller(arguments.as_u32(0)));
    const auto head = process_access::inspect(*found.process, [&](AddressSpace*) { return found.thread->robust_list.load(); });
    if (!head)
        return fail(Errno::perm);
    TRY(user::store(arguments.pointer<u64>(1), *head));
    TRY(user::store(arguments.pointer<u64>(2), robust_list::head_size));
    return 0;
}

}  // namespace tenon::syscall
