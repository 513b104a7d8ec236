#include "kernel/proc/process_table.h"

#include <boost/intrusive/set.hpp>

#include "kernel/lib/panic.h"

namespace tenon::process_table {

constinit Spinlock lock;

namespace {

// Protected by `lock`; the members' references are the table's.
struct Table {
    boost::intrusive::set<Process> by_id;
    u32 last_id = 0;
    bool wrapped = false;
};

Table& table()
{
    static Table instance;  // first used by the boot thread, before other processes exist
    return instance;
}

// An id is taken while a process, a group or a session has it.
bool is_taken_locked(u32 id)
{
    if (find_locked(id) != nullptr)
        return true;
    if (!table().wrapped)
        return false;
    for (const Process& process : table().by_id)
        if (process.group == id || process.session == id)
            return true;
    return false;
}

}  // namespace

Result<> insert(Process& process)
{
    LockGuard guard(lock);
    Table& all = table();
    u32 id = all.last_id;
    for (u32 tries = 0; tries < max_id; ++tries) {
        if (++id >= max_id) {
            id = 2;
            all.wrapped = true;
        }
        if (is_taken_locked(id))
            continue;
        process.id = id;
        all.last_id = id;
        all.by_id.insert(process);
        process.acquire();
        return {};
    }
    return fail(Errno::again);
}

void remove(Process& process)
{
    {
        LockGuard guard(lock);
        table().by_id.erase(table().by_id.iterator_to(process));
    }
    Ref<Process>::adopt(&process).reset();
}

Process* find_locked(u32 id)
{
    const auto found = table().by_id.find(id, ProcessId());
    return found == table().by_id.end() ? nullptr : &*found;
}

Process* next_locked(Process* process)
{
    auto& all = table().by_id;
    const auto next = process == nullptr ? all.begin() : std::next(all.iterator_to(*process));
    return next == all.end() ? nullptr : &*next;
}

Ref<Process> find(u32 id)
{
    LockGuard guard(lock);
    return Ref<Process>(find_locked(id));
}

Ref<Process> at_or_after(u32 id)
{
    LockGuard guard(lock);
    const auto found = table().by_id.lower_bound(id, ProcessId());
    return found == table().by_id.end() ? Ref<Process>() : Ref<Process>(&*found);
}

u32 count()
{
    LockGuard guard(lock);
    return static_cast<u32>(table().by_id.size());
}

u32 last_id()
{
    LockGuard guard(lock);
    return table().last_id;
}

bool group_exists_locked(u32 group, u32 session)
{
    for (const Process& process : table().by_id)
        if (process.group == group && process.session == session)
            return true;
    return false;
}

Process& init()
{
    LockGuard guard(lock);
    Process* process = find_locked(1);
    expect(process != nullptr, "there is no init process");
    return *process;
}

}  // namespace tenon::process_table
