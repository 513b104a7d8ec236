#include "kernel/syscall/schedule.h"

#include <algorithm>
#include <span>

#include "kernel/lib/cpu_set.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/process_access.h"
#include "kernel/proc/process_table.h"
#include "kernel/syscall/thread.h"
#include "kernel/syscall/time_values.h"
#include "kernel/thread/fair_share.h"
#include "kernel/thread/scheduler.h"
#include <tenon/time.h>

// How threads share the processors (sched(7)): SCHED_OTHER, SCHED_BATCH and SCHED_IDLE with nice values, and the processors that they may
// run on. There are no real-time policies.

namespace tenon::syscall {

namespace {

using fair_share::Policy;

constexpr u32 first_in_first_out_policy = 1;
constexpr u32 round_robin_policy = 2;
constexpr u32 deadline_policy = 6;
constexpr u32 reset_on_fork = 0x4000'0000;
// What getpriority(2) and setpriority(2) speak of.
constexpr u32 one_thread = 0;
constexpr u32 process_group = 1;
constexpr u32 all_of_user = 2;

CpuSet present_cpus()
{
    return set_of_first_cpus(scheduler::online_cpus());
}

// Calls visit(thread) for each thread that the arguments name; under process_table::lock.
template <typename Visit>
Result<> for_each_named(u32 kind, u32 id, Visit&& visit)
{
    if (kind > all_of_user)
        return fail(Errno::inval);
    LockGuard guard(process_table::lock);
    if (kind == one_thread) {
        UserThread* const thread = id == 0 ? &current_user_thread() : process_table::find_thread_locked(id);
        if (thread != nullptr)
            visit(*thread);
        return {};
    }
    const u32 group = id == 0 ? current_process().group : id;
    const u32 user = id == 0 ? current_credentials().user.real : id;
    process_table::for_each_locked([&](Process& process) {
        if (kind == process_group && process.group != group)
            return;
        for (UserThread& thread : process.threads)
            if (kind == process_group || thread.share_credentials()->user.real == user)
                visit(thread);
    });
    return {};
}

// RLIMIT_NICE counts from 1 (nice 19) to 40 (nice -20).
bool may_have_nice(const Process& process, int nice)
{
    const u64 most = process.limits.values[ResourceLimits::nice].current;
    return static_cast<u64>(fair_share::greatest_nice + 1 - nice) <= most || capable(Capability::sys_nice);
}

Result<> may_renice(const UserThread& thread, int nice)
{
    if (!process_access::may_schedule(*thread.process()))
        return fail(Errno::perm);
    if (nice < thread.share.nice() && !may_have_nice(*thread.process(), nice))
        return fail(Errno::acces);
    return {};
}

// Errno::inval for one that Linux does not know either, and for those that only Linux has, perm for what the caller may not ask for.
Result<Policy> sound_policy(u32 number, int priority)
{
    switch (number) {
    case static_cast<u32>(Policy::other):
    case static_cast<u32>(Policy::batch):
    case static_cast<u32>(Policy::idle):
        if (priority != 0)
            return fail(Errno::inval);
        return static_cast<Policy>(number);
    case first_in_first_out_policy:
    case round_robin_policy:
    case deadline_policy: return fail(capable(Capability::sys_nice) ? Errno::inval : Errno::perm);
    default: return fail(Errno::inval);
    }
}

Result<> may_change(const UserThread& thread, Policy policy, bool resets)
{
    if (!process_access::may_schedule(*thread.process()))
        return fail(Errno::perm);
    const bool leaves_idle = thread.share.policy() == Policy::idle && policy != Policy::idle;
    if (leaves_idle && !may_have_nice(*thread.process(), thread.share.nice()))
        return fail(Errno::perm);
    if (thread.share.resets_on_fork() && !resets && !capable(Capability::sys_nice))
        return fail(Errno::perm);
    return {};
}

Result<process_table::FoundThread> scheduled_thread(int id)
{
    if (id < 0)
        return fail(Errno::inval);
    return thread_or_caller(static_cast<u32>(id));
}

}  // namespace

Result<u64> sys_sched_yield(const Arguments&)
{
    scheduler::yield();
    return 0;
}

Result<u64> sys_sched_getaffinity(const Arguments& arguments)
{
    if (arguments[1] < sizeof(u64) || arguments[1] % sizeof(u64) != 0)
        return fail(Errno::inval);
    const auto found = TRY(thread_or_caller(arguments.as_u32(0)));
    const u64 cpus = found.thread->allowed_cpus.load(std::memory_order_relaxed) & present_cpus();
    TRY(user::store(arguments.pointer<u64>(2), cpus));
    return sizeof cpus;
}

Result<u64> sys_sched_setaffinity(const Arguments& arguments)
{
    u64 wanted = 0;
    const usize size = std::min<usize>(arguments[1], sizeof wanted);
    TRY(user::copy_from(std::as_writable_bytes(std::span(&wanted, 1)).first(size), arguments.address(2)));
    const auto found = TRY(thread_or_caller(arguments.as_u32(0)));
    if (!process_access::may_schedule(*found.process))
        return fail(Errno::perm);
    const CpuSet cpus = static_cast<CpuSet>(wanted) & present_cpus();
    if (cpus == 0)
        return fail(Errno::inval);
    scheduler::set_allowed_cpus(*found.thread, cpus);
    return 0;
}

Result<u64> sys_sched_getscheduler(const Arguments& arguments)
{
    const auto found = TRY(scheduled_thread(arguments.as_int(0)));
    const fair_share::Share& share = found.thread->share;
    return static_cast<u32>(share.policy()) | (share.resets_on_fork() ? reset_on_fork : 0);
}

Result<u64> sys_sched_setscheduler(const Arguments& arguments)
{
    if (arguments[2] == 0)
        return fail(Errno::inval);
    const int priority = TRY(user::load(arguments.pointer<int>(2)));
    const auto found = TRY(scheduled_thread(arguments.as_int(0)));
    const bool resets = (arguments.as_u32(1) & reset_on_fork) != 0;
    const Policy policy = TRY(sound_policy(arguments.as_u32(1) & ~reset_on_fork, priority));
    LockGuard guard(process_table::lock);
    TRY(may_change(*found.thread, policy, resets));
    found.thread->share.set_policy(policy, resets);
    return 0;
}

// The priority, which is for real-time policies, is 0.
Result<u64> sys_sched_getparam(const Arguments& arguments)
{
    if (arguments[1] == 0)
        return fail(Errno::inval);
    TRY(scheduled_thread(arguments.as_int(0)));
    TRY(user::store(arguments.pointer<int>(1), 0));
    return 0;
}

Result<u64> sys_sched_setparam(const Arguments& arguments)
{
    if (arguments[1] == 0)
        return fail(Errno::inval);
    const int priority = TRY(user::load(arguments.pointer<int>(1)));
    const auto found = TRY(scheduled_thread(arguments.as_int(0)));
    if (priority != 0)
        return fail(Errno::inval);
    if (!process_access::may_schedule(*found.process))
        return fail(Errno::perm);
    return 0;
}

// Both bounds are 0 for the policies that there are.
Result<u64> sys_sched_get_priority_max(const Arguments& arguments)
{
    if (!sound_policy(arguments.as_u32(0), 0))
        return fail(Errno::inval);
    return 0;
}

Result<u64> sys_sched_get_priority_min(const Arguments& arguments)
{
    return sys_sched_get_priority_max(arguments);
}

// After at least this time a thread makes room for one that has had less.
Result<u64> sys_sched_rr_get_interval(const Arguments& arguments)
{
    TRY(scheduled_thread(arguments.as_int(0)));
    TRY(user::store(arguments.pointer<TimeSpec>(1), to_time_spec(nanoseconds_per_second / scheduler::tick_rate)));
    return 0;
}

// The smallest nice value among those named, as 20 - nice, so that no result looks like an error.
Result<u64> sys_getpriority(const Arguments& arguments)
{
    int least = fair_share::greatest_nice + 1;
    TRY(for_each_named(arguments.as_u32(0), arguments.as_u32(1),
                       [&](const UserThread& thread) { least = std::min(least, thread.share.nice()); }));
    if (least > fair_share::greatest_nice)
        return fail(Errno::srch);
    return static_cast<u64>(20 - least);
}

// All whom the caller may change are changed; one that it may not makes the call fail.
Result<u64> sys_setpriority(const Arguments& arguments)
{
    const int nice = fair_share::clamp_nice(arguments.as_int(2));
    Result<> result = fail(Errno::srch);
    bool refused = false;
    TRY(for_each_named(arguments.as_u32(0), arguments.as_u32(1), [&](UserThread& thread) {
        const auto may = may_renice(thread, nice);
        if (may)
            thread.share.set_nice(nice);
        if (!refused)
            result = may;
        refused |= !may;
    }));
    TRY(result);
    return 0;
}

}  // namespace tenon::syscall
