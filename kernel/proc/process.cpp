#include "kernel/proc/process.h"

#include "kernel/lib/panic.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/process_timers.h"
#include "kernel/proc/signal.h"
#include <tenon/time.h>

namespace tenon {

Process::Process() = default;
Process::~Process() = default;

Result<Ref<Process>> Process::create()
{
    auto process = adopt_ref(new (std::nothrow) Process);
    if (!process)
        return fail(Errno::nomem);
    process->start_time = monotonic_now();
    process->timers.reset(new (std::nothrow) ProcessTimers(*process));
    if (!process->timers)
        return fail(Errno::nomem);
    return process;
}

void Process::set_parent_locked(Process& new_parent)
{
    parent = &new_parent;
    parent_id.store(new_parent.id, std::memory_order_relaxed);
    new_parent.children.push_back(*this);
}

Ref<UserThread> Process::share_leader() const
{
    LockGuard guard(sharing_lock_);
    return leader;
}

void Process::set_leader(Ref<UserThread> thread)
{
    // The former one leaves with the parameter, after the lock.
    LockGuard guard(sharing_lock_);
    std::swap(leader, thread);
}

Ref<AddressSpace> Process::share_memory() const
{
    LockGuard guard(sharing_lock_);
    return memory;
}

u64 Process::resident_pages() const
{
    LockGuard guard(sharing_lock_);
    return memory ? memory->resident_pages() : 0;
}

Ref<FileTable> Process::share_files() const
{
    LockGuard guard(sharing_lock_);
    return files;
}

Ref<FileSystemContext> Process::share_file_system() const
{
    LockGuard guard(sharing_lock_);
    return file_system;
}

Path Process::share_executable() const
{
    LockGuard guard(sharing_lock_);
    return executable;
}

void Process::set_executable(Path path)
{
    // The former path leaves with the parameter, after the lock.
    LockGuard guard(sharing_lock_);
    std::swap(executable, path);
}

Ref<AddressSpace> Process::set_memory(Ref<AddressSpace> new_memory)
{
    LockGuard guard(sharing_lock_);
    std::swap(memory, new_memory);
    return new_memory;
}

Ref<FileTable> Process::set_files(Ref<FileTable> new_files)
{
    LockGuard guard(sharing_lock_);
    std::swap(files, new_files);
    return new_files;
}

Ref<FileSystemContext> Process::set_file_system(Ref<FileSystemContext> new_file_system)
{
    LockGuard guard(sharing_lock_);
    std::swap(file_system, new_file_system);
    return new_file_system;
}

Process::Times Process::times_locked() const
{
    Times sum = ended_threads_times;
    for (const UserThread& thread : threads)
        sum = sum + Times::of(thread);
    // The leader leaves the list when it ends, but stays.
    if (leader && !leader->is_in_group())
        sum = sum + Times::of(*leader);
    return sum;
}

Process::Times Process::times() const
{
    LockGuard guard(process_table::lock);
    return times_locked();
}

}  // namespace tenon
