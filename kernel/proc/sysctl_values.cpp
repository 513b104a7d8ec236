#include "kernel/fs/procfs/sysctl.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/proc/capability.h"
#include "kernel/proc/group_list.h"
#include "kernel/proc/process_table.h"

namespace tenon::sysctl {

Result<> add_process_values()
{
    TRY(add_number("kernel/pid_max", {.get = [] { return i64{process_table::max_id}; }}));
    TRY(add_number("kernel/ngroups_max", {.get = [] { return static_cast<i64>(GroupList::max_size); }}));
    TRY(add_number("kernel/cap_last_cap", {.get = [] { return static_cast<i64>(capability_count - 1); }}));
    TRY(add_number("fs/suid_dumpable", {.get = [] { return i64{0}; }}));  // what has rights of its own shows others no memory
    return add_number("kernel/threads-max", {.get = [] { return i64{memory_limits::max_threads()}; }});
}

}  // namespace tenon::sysctl
