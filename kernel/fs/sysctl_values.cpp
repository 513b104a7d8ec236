#include "kernel/fs/name_cache.h"
#include "kernel/fs/procfs/sysctl.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/proc/file_table.h"

namespace tenon::sysctl {
namespace {

// Nothing but the number of threads and what each process may open limits open files.
u64 largest_count()
{
    return u64{memory_limits::max_threads()} * FileTable::limit;
}

}  // namespace

Result<> add_file_values()
{
    TRY(add_number("fs/file-max", {.get = [] { return static_cast<i64>(largest_count()); }}));
    TRY(add_number("fs/nr_open", {.get = [] { return static_cast<i64>(FileTable::limit); }}));
    return add_text("fs/dentry-state", [](TextSink& out) { format_to(out, "{}\t0\t0\t0\t0\t0\n", NameCache::size()); });
}

}  // namespace tenon::sysctl
