#include "kernel/debug/exception_table.h"

#include <tenon/sync.h>

namespace tenon::exception_table {
namespace {

using List = boost::intrusive::list<Registration, boost::intrusive::constant_time_size<false>>;

struct State {
    Spinlock lock;
    List list;  // protected by lock
};

State state;

extern "C" const Entry ex_table_start[];
extern "C" const Entry ex_table_end[];

u64 target(const i32& field)
{
    return reinterpret_cast<u64>(&field) + static_cast<u64>(i64{field});
}

std::optional<u64> find_in(std::span<const Entry> entries, u64 pc)
{
    for (const Entry& entry : entries)
        if (target(entry.instruction) == pc)
            return target(entry.fixup);
    return std::nullopt;
}

}  // namespace

Registration::Registration(std::span<const Entry> entries) : entries_(entries)
{
    LockGuard guard(state.lock);
    state.list.push_back(*this);
}

Registration::~Registration()
{
    LockGuard guard(state.lock);
    state.list.erase(List::s_iterator_to(*this));
}

std::optional<u64> find(u64 pc)
{
    if (const auto fixup = find_in({ex_table_start, ex_table_end}, pc))
        return fixup;
    LockGuard guard(state.lock);
    for (const auto& registration : state.list)
        if (const auto fixup = find_in(registration.entries(), pc))
            return fixup;
    return std::nullopt;
}

}  // namespace tenon::exception_table
