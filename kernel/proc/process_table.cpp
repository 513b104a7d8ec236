#include "kernel/proc/process_table.h"

#include <boost/intrusive/set.hpp>

#include "kernel/lib/panic.h"
#include "kernel/proc/signal.h"

namespace tenon::process_table {

constinit Spinlock lock;

namespace {

struct ThreadId {
    bool operator()(u32 id, const UserThread& thread) const { return id < thread.id(); }
    bool operator()(const UserThread& thread, u32 id) const { return thread.id() < id; }
};

// Protected by `lock`; the processes' references are the table's.
struct Table {
    boost::intrusive::set<Process> by_id;
    boost::intrusive::set<UserThread> threads;
    u32 last_id = 0;
    bool wrapped = false;
};

Table& table()
{
    static Table instance;  // first used by the boot thread, before other processes exist
    return instance;
}

// An id is taken while a thread, a process, a group or a session has it.
bool is_taken_locked(u32 id)
{
    if (find_thread_locked(id) != nullptr)
        return true;
    if (!table().wrapped)
        return false;
    for (const Process& process : table().by_id)
        if (process.group == id || process.session == id)
            return true;
    return false;
}

Result<u32> take_id_locked()
{
    Table& all = table();
    u32 id = all.last_id;
    for (u32 tries = 0; tries < max_id; ++tries) {
        if (++id >= max_id) {
            id = 2;
            all.wrapped = true;
        }
        if (is_taken_locked(id))
            continue;
        all.last_id = id;
        return id;
    }
    return fail(Errno::again);
}

}  // namespace

Result<> insert(Process& process)
{
    LockGuard guard(lock);
    process.id = TRY(take_id_locked());
    process.leader->set_id(process.id);
    table().by_id.insert(process);
    table().threads.insert(*process.leader);
    process.signals->add_thread(*process.leader, SignalState::Stopping::no);
    process.acquire();
    return {};
}

void remove(Process& process)
{
    {
        LockGuard guard(lock);
        table().by_id.erase(table().by_id.iterator_to(process));
        remove_thread_locked(*process.leader);
        if (process.leader->is_in_group())
            process.signals->remove_thread(*process.leader);
    }
    Ref<Process>::adopt(&process).reset();
}

// Its last thread announced the end while it still ran on its kernel stack; it leaves it without blocking.
void remove_zombie(Process& process)
{
    while (process.last_thread->on_cpu.load(std::memory_order_acquire))
        arch::relax();
    remove(process);
}

Result<> insert_thread_locked(UserThread& thread)
{
    thread.set_id(TRY(take_id_locked()));
    table().threads.insert(thread);
    return {};
}

void remove_thread_locked(UserThread& thread)
{
    table().threads.erase(table().threads.iterator_to(thread));
}

void make_leader_locked(UserThread& thread)
{
    Process& process = *thread.process();
    remove_thread_locked(*process.leader);
    remove_thread_locked(thread);
    thread.set_id(process.id);
    table().threads.insert(thread);
    process.set_leader(Ref<UserThread>(&thread));
}

Process* find_locked(u32 id)
{
    const auto found = table().by_id.find(id, ProcessId());
    return found == table().by_id.end() ? nullptr : &*found;
}

UserThread* find_thread_locked(u32 id)
{
    const auto found = table().threads.find(id, ThreadId());
    return found == table().threads.end() ? nullptr : &*found;
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

FoundThread find_thread(u32 id)
{
    LockGuard guard(lock);
    UserThread* thread = find_thread_locked(id);
    if (thread == nullptr)
        return {};
    return {.thread = Ref<UserThread>(thread), .process = Ref<Process>(thread->process())};
}

u32 thread_count()
{
    LockGuard guard(lock);
    return static_cast<u32>(table().threads.size());
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
