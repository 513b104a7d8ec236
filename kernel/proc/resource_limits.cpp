#include "kernel/proc/resource_limits.h"

#include "kernel/mm/user_layout.h"
#include "kernel/proc/file_table.h"

namespace tenon {

ResourceLimits ResourceLimits::initial()
{
    ResourceLimits limits;
    limits.values[stack] = {.current = user_layout::stack_limit, .maximum = ResourceLimit::infinity};
    limits.values[core] = {.current = 0, .maximum = ResourceLimit::infinity};
    limits.values[open_files] = {.current = FileTable::limit, .maximum = FileTable::limit};
    return limits;
}

}  // namespace tenon
