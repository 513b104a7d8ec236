#include "kernel/proc/process.h"

#include "kernel/lib/panic.h"
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
    return process;
}

void Process::set_parent_locked(Process& new_parent)
{
    parent = &new_parent;
    parent_id.store(new_parent.id, std::memory_order_relaxed);
    new_parent.children.push_back(*this);
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

Path Process::share_path(Path Process::*which) const
{
    LockGuard guard(sharing_lock_);
    return this->*which;
}

void Process::set_path(Path Process::*which, Path path)
{
    // The former path leaves with the parameter, after the lock.
    LockGuard guard(sharing_lock_);
    std::swap(this->*which, path);
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

Process::Times Process::times() const
{
    if (!thread)
        return {};
    return {.user = thread->user_time.load(std::memory_order_relaxed),
            .system = thread->system_time.load(std::memory_order_relaxed)};
}

Process& current_process()
{
    Process* process = arch::current_thread().process();
    expect(process != nullptr, "a kernel thread has no process");
    return *process;
}

}  // namespace tenon
