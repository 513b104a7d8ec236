#include "kernel/fs/procfs/sysctl.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/mm/region_set.h"
#include "kernel/mm/user_layout.h"
#include "kernel/mm/user_placement.h"

namespace tenon::sysctl {
namespace {

Result<> set_randomisation(i64 value)
{
    user_randomisation::set(static_cast<Randomisation>(value));
    return {};
}

}  // namespace

Result<> add_memory_values()
{
    TRY(add_number("kernel/randomize_va_space", {.get = [] { return static_cast<i64>(user_randomisation::get()); },
                                                 .set = set_randomisation,
                                                 .maximum = static_cast<i64>(Randomisation::all)}));
    TRY(add_number("vm/max_map_count", {.get = [] { return static_cast<i64>(RegionSet::max_regions); }}));
    // A private writable mapping larger than all memory is refused, anything else is granted until memory is gone.
    TRY(add_number("vm/overcommit_memory", {.get = [] { return i64{0}; }}));
    TRY(add_number("vm/min_free_kbytes", {.get = [] { return static_cast<i64>(memory_limits::reserved_pages() * page_size / 1024); }}));
    TRY(add_number("vm/mmap_min_addr", {.get = [] { return static_cast<i64>(user_layout::lowest.value()); }}));
    TRY(add_number("vm/panic_on_oom", {.get = [] { return i64{0}; }}));
    return add_number("vm/swappiness", {.get = [] { return i64{0}; }});
}

}  // namespace tenon::sysctl
