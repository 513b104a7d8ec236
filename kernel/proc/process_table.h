#pragma once

#include "kernel/lib/ref.h"
#include "kernel/proc/process.h"
#include <tenon/sync.h>

// All processes, zombies included, and all their threads, by id. The table holds one reference to each process; threads are held by the
// scheduler until they have ended, leaders by their process.

namespace tenon::process_table {

// Protects the table and the relations between processes and threads (see Process). Taken with interrupts off; nests outside
// SignalState's lock and the wait queues.
extern Spinlock lock;

constexpr u32 max_id = 32768;

// Gives the process, which has a leader, and that thread the next free id and enters both. Errno::again when none is free.
Result<> insert(Process& process);
// Takes a dead or never started process out, and its leader; the table's reference is dropped.
void remove(Process& process);
// The same for one that no parent has among its children any more; waits until its last thread is off its kernel stack.
void remove_zombie(Process& process);
// Gives a thread that is not a leader the next free id and enters it. Errno::again. `lock` is held.
Result<> insert_thread_locked(UserThread& thread);
void remove_thread_locked(UserThread& thread);
// The thread, which is in the table, takes the id of its process; the former leader is taken out.
void make_leader_locked(UserThread& thread);

// Empty when there is none.
Ref<Process> find(u32 id);
// The process with the smallest id that is not below `id`; empty at the end. For listing without holding the lock.
Ref<Process> at_or_after(u32 id);
u32 count();
u32 thread_count();  // those that have not ended and leaders of zombies
u32 last_id();  // the newest process or thread
// The thread of this id and its process; empty when there is none.
struct FoundThread {
    Ref<UserThread> thread;
    Ref<Process> process;
};
FoundThread find_thread(u32 id);

// With `lock` held.
Process* find_locked(u32 id);
UserThread* find_thread_locked(u32 id);
Process* next_locked(Process* process);  // null: the first; returns null after the last
template <typename Predicate>
Process* find_if_locked(Predicate&& predicate)
{
    Process* process = next_locked(nullptr);
    while (process != nullptr && !predicate(*process))
        process = next_locked(process);
    return process;
}
template <typename Visit>
void for_each_locked(Visit&& visit)
{
    for (Process* process = next_locked(nullptr); process != nullptr; process = next_locked(process))
        visit(*process);
}
bool group_exists_locked(u32 group, u32 session);

// The process that adopts orphans (id 1).
Process& init();

}  // namespace tenon::process_table
