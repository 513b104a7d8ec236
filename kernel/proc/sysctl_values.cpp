#include "kernel/fs/open_file.h"
#include "kernel/fs/procfs/sysctl.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/proc/capability.h"
#include "kernel/proc/file_table.h"
#include "kernel/proc/group_list.h"
#include "kernel/proc/process_table.h"

namespace tenon::sysctl {
namespace {

// Nothing but the number of threads and what each process may open limits open files.
u64 largest_count()
{
    return u64{memory_limits::max_threads()} * FileTable::limit;
}

}  // namespace

Result<> add_process_values()
{
    TRY(add_number("kernel/pid_max", {.get = [] { return i64{process_table::max_id}; }}));
    TRY(add_number("kernel/ngroups_max", {.get = [] { return static_cast<i64>(GroupList::max_size); }}));
    TRY(add_number("kernel/cap_last_cap", {.get = [] { return static_cast<i64>(capability_count - 1); }}));
    TRY(add_number("fs/file-max", {.get = [] { return static_cast<i64>(largest_count()); }}));
    TRY(add_text("fs/file-nr", [](TextSink& out) { format_to(out, "{}\t0\t{}\n", OpenFile::count(), largest_count()); }));
    TRY(add_number("fs/nr_open", {.get = [] { return static_cast<i64>(FileTable::limit); }}));
    TRY(add_number("fs/suid_dumpable", {.get = [] { return i64{0}; }}));  // what has rights of its own shows others no memory
    return add_number("kernel/threads-max", {.get = [] { return i64{memory_limits::max_threads()}; }});
}

}  // namespace tenon::sysctl
