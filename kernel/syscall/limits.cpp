#include <optional>

#include "kernel/mm/user_access.h"
#include "kernel/proc/process_access.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/process_timers.h"
#include "kernel/proc/resource_usage.h"
#include "kernel/syscall/process.h"
#include "kernel/syscall/thread.h"

// Resource limits and usage.

namespace tenon::syscall {

namespace {

// process_table::lock serialises those who change limits; who only looks at those of its own process does without.
Result<ResourceLimit> exchange_limit(Process& process, u32 resource, const std::optional<ResourceLimit>& wanted)
{
    if (resource >= ResourceLimits::count)
        return fail(Errno::inval);
    const auto memory = process.share_memory();
    LockGuard guard(process_table::lock);
    ResourceLimit& limit = process.limits.values[resource];
    const ResourceLimit former = limit;
    if (!wanted)
        return former;
    if (wanted->current > wanted->maximum)
        return fail(Errno::inval);
    if (wanted->maximum > limit.maximum && !capable(Capability::sys_resource))
        return fail(Errno::perm);
    if (resource == ResourceLimits::open_files && wanted->maximum > FileTable::limit)
        return fail(Errno::perm);
    limit = *wanted;
    if (memory)
        process.limits.apply_to(*memory);
    if (resource == ResourceLimits::processor_time)
        process.timers->watch_processor_time();
    return former;
}

}  // namespace

Result<u64> sys_prlimit64(const Arguments& arguments)
{
    const u32 resource = arguments.as_u32(1);
    const auto found = TRY(thread_or_caller(arguments.as_u32(0)));
    if (!process_access::may_limit(*found.process))
        return fail(Errno::perm);
    std::optional<ResourceLimit> wanted;
    if (arguments[2] != 0)
        wanted = TRY(user::load(arguments.pointer<ResourceLimit>(2)));
    const ResourceLimit former = TRY(exchange_limit(*found.process, resource, wanted));
    if (arguments[3] != 0)
        TRY(user::store(arguments.pointer<ResourceLimit>(3), former));
    return 0;
}

Result<u64> sys_getrlimit(const Arguments& arguments)
{
    const ResourceLimit limit = TRY(exchange_limit(current_process(), arguments.as_u32(0), std::nullopt));
    TRY(user::store(arguments.pointer<ResourceLimit>(1), limit));
    return 0;
}

Result<u64> sys_setrlimit(const Arguments& arguments)
{
    const ResourceLimit wanted = TRY(user::load(arguments.pointer<ResourceLimit>(1)));
    TRY(exchange_limit(current_process(), arguments.as_u32(0), wanted));
    return 0;
}

Result<u64> sys_getrusage(const Arguments& arguments)
{
    constexpr int self = 0;
    constexpr int children = -1;
    constexpr int thread = 1;
    const Process& process = current_process();
    const int who = arguments.as_int(0);
    if (who != self && who != children && who != thread)
        return fail(Errno::inval);
    const Process::Times times = who == children ? process.children_times
                                 : who == thread ? Process::Times::of(arch::current_thread())
                                                 : process.times();
    TRY(user::store(arguments.pointer<ResourceUsage>(1), ResourceUsage::of(times)));
    return 0;
}

}  // namespace tenon::syscall
