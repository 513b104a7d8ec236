#include "kernel/proc/user_thread.h"

#include <new>

#include "kernel/mm/allocation_failure.h"
#include "kernel/proc/process.h"
#include "kernel/proc/process_timers.h"

namespace tenon {

Result<Ref<UserThread>> UserThread::create(std::string_view name, void (*entry)(void*), void* argument, Process& process)
{
    auto thread = adopt_ref(new (std::nothrow) UserThread(process));
    if (!thread)
        return fail(Errno::nomem);
    TRY(thread->prepare(name, entry, argument));
    return thread;
}

UserThread::~UserThread()
{
    if (failing_allocation != 0)
        allocation_failure::waiting.fetch_sub(1, std::memory_order_relaxed);
}

Ref<const Credentials> UserThread::share_credentials() const
{
    LockGuard guard(credentials_lock_);
    return credentials_;
}

void UserThread::set_credentials(Ref<const Credentials> credentials)
{
    acting_ = credentials.get();
    // The former ones leave with the parameter, after the lock.
    LockGuard guard(credentials_lock_);
    std::swap(credentials_, credentials);
}

void UserThread::activate_memory() const
{
    if (process()->memory)
        process()->memory->activate();
    else
        arch::UserPageTable::activate_none();
}

void UserThread::note_tick()
{
    if (is_in_group())
        process()->timers->processor_time_passed();
}

}  // namespace tenon
