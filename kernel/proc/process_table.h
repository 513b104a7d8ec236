#pragma once

#include "kernel/lib/ref.h"
#include "kernel/proc/process.h"
#include <tenon/sync.h>

// All processes, zombies included, by id. The table holds one reference to each.

namespace tenon::process_table {

// Protects the table and the relations between processes (see Process). Taken with interrupts off; nests outside
// SignalState's lock and the wait queues.
extern Spinlock lock;

constexpr u32 max_id = 32768;

// Gives the process the next free id and enters it. Errno::again when none is free.
Result<> insert(Process& process);
// Takes a dead or never started process out; the table's reference is dropped.
void remove(Process& process);

// Empty when there is none.
Ref<Process> find(u32 id);
// The process with the smallest id that is not below `id`; empty at the end. For listing without holding the lock.
Ref<Process> at_or_after(u32 id);
u32 count();
u32 last_id();  // the newest process

// With `lock` held.
Process* find_locked(u32 id);
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
