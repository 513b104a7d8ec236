#include "kernel/debug/exception_table.h"

#include <algorithm>
#include <memory>
#include <new>

#include <boost/intrusive/list.hpp>

#include "kernel/lib/no_copy.h"
#include <tenon/sync.h>

namespace tenon::exception_table {
namespace {

using Entries = std::span<const ExceptionEntry>;

struct ModuleTable : public boost::intrusive::list_base_hook<>, NoCopy {
    explicit ModuleTable(Entries table) : entries(table) {}

    Entries entries;
};

struct State {
    Spinlock lock;
    boost::intrusive::list<ModuleTable, boost::intrusive::constant_time_size<false>> tables;  // protected by lock
};

State state;

extern "C" const ExceptionEntry ex_table_start[];
extern "C" const ExceptionEntry ex_table_end[];

// The kernel's table is short and stands in the order of its object files.
std::optional<u64> find_in_kernel(u64 pc)
{
    for (const ExceptionEntry& entry : Entries(ex_table_start, ex_table_end))
        if (target(entry.instruction) == pc)
            return target(entry.fixup);
    return std::nullopt;
}

std::optional<u64> find_sorted(Entries entries, u64 pc)
{
    const auto found = std::lower_bound(entries.begin(), entries.end(), pc,
                                        [](const ExceptionEntry& entry, u64 wanted) { return target(entry.instruction) < wanted; });
    if (found == entries.end() || target(found->instruction) != pc)
        return std::nullopt;
    return target(found->fixup);
}

}  // namespace

Result<> add(Entries table)
{
    ModuleTable* const entry = new (std::nothrow) ModuleTable(table);
    if (entry == nullptr)
        return fail(Errno::nomem);
    const LockGuard guard(state.lock);
    state.tables.push_back(*entry);
    return {};
}

void replace(Entries table, Entries rest)
{
    std::unique_ptr<ModuleTable> removed;
    const LockGuard guard(state.lock);
    for (ModuleTable& known : state.tables) {
        if (known.entries.data() != table.data())
            continue;
        known.entries = rest;
        if (rest.empty()) {
            state.tables.erase(state.tables.iterator_to(known));
            removed.reset(&known);
        }
        return;
    }
}

std::optional<u64> find(u64 pc)
{
    if (const auto fixup = find_in_kernel(pc))
        return fixup;
    const LockGuard guard(state.lock);
    for (const ModuleTable& table : state.tables)
        if (const auto fixup = find_sorted(table.entries, pc))
            return fixup;
    return std::nullopt;
}

}  // namespace tenon::exception_table
