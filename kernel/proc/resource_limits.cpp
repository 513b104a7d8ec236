#include "kernel/proc/resource_limits.h"

#include "kernel/mm/address_space.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/mm/user_layout.h"
#include "kernel/proc/file_table.h"

namespace tenon {

namespace {

constexpr u64 memory_lock_limit = 8 << 20;

}  // namespace

ResourceLimits ResourceLimits::initial()
{
    ResourceLimits limits;
    limits.values[stack] = {.current = user_layout::stack_limit, .maximum = ResourceLimit::infinity};
    limits.values[core] = {.current = 0, .maximum = ResourceLimit::infinity};
    limits.values[open_files] = {.current = FileTable::limit, .maximum = FileTable::limit};
    limits.values[processes] = {.current = memory_limits::max_threads_of_user(), .maximum = ResourceLimit::infinity};
    const u64 signals = memory_limits::max_threads() / 2;
    limits.values[pending_signals] = {.current = signals, .maximum = signals};
    limits.values[nice] = {.current = 0, .maximum = 0};
    limits.values[memory_lock] = {.current = memory_lock_limit, .maximum = memory_lock_limit};
    return limits;
}

void ResourceLimits::apply_to(AddressSpace& memory) const
{
    memory.set_lock_limit(values[memory_lock].current);
    memory.set_stack_limit(values[stack].current);
    memory.set_size_limits(values[address_space].current, values[data].current);
}

}  // namespace tenon
