#include "kernel/mm/user_access.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/resource_usage.h"
#include "kernel/syscall/process.h"

// Resource limits and usage.

namespace tenon::syscall {

namespace {

Result<> set_limit(ResourceLimit& limit, const ResourceLimit& wanted)
{
    if (wanted.current > wanted.maximum)
        return fail(Errno::inval);
    if (wanted.maximum > limit.maximum && !capable(Capability::sys_resource))
        return fail(Errno::perm);
    limit = wanted;
    return {};
}

Result<ResourceLimit*> find_limit(Process& process, u32 resource)
{
    if (resource >= ResourceLimits::count)
        return fail(Errno::inval);
    return &process.limits.values[resource];
}

}  // namespace

Result<u64> sys_prlimit64(const Arguments& arguments)
{
    // Another process's limits would need a lock that nothing else needs.
    if (arguments.as_u32(0) != 0 && arguments.as_u32(0) != current_process().id)
        return fail(process_table::find(arguments.as_u32(0)) ? Errno::perm : Errno::srch);
    ResourceLimit* limit = TRY(find_limit(current_process(), arguments.as_u32(1)));
    const ResourceLimit former = *limit;
    if (arguments[2] != 0) {
        const ResourceLimit wanted = TRY(user::load(arguments.pointer<ResourceLimit>(2)));
        if (arguments.as_u32(1) == ResourceLimits::open_files && wanted.maximum > FileTable::limit)
            return fail(Errno::perm);
        TRY(set_limit(*limit, wanted));
        current_process().limits.apply_to(*current_process().memory);
    }
    if (arguments[3] != 0)
        TRY(user::store(arguments.pointer<ResourceLimit>(3), former));
    return 0;
}

Result<u64> sys_getrlimit(const Arguments& arguments)
{
    const ResourceLimit* limit = TRY(find_limit(current_process(), arguments.as_u32(0)));
    TRY(user::store(arguments.pointer<ResourceLimit>(1), *limit));
    return 0;
}

Result<u64> sys_setrlimit(const Arguments& arguments)
{
    return sys_prlimit64({.values = {0, arguments[0], arguments[1], 0, 0, 0}});
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
