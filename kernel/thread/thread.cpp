#include "kernel/thread/thread.h"

#include <new>

#include "kernel/mm/allocation_failure.h"
#include "kernel/thread/scheduler.h"
#include <tenon/time.h>

namespace tenon {

Result<Ref<Thread>> Thread::create(std::string_view name, void (*entry)(void*), void* argument, Process* process)
{
    auto thread = adopt_ref(new (std::nothrow) Thread);
    if (!thread)
        return fail(Errno::nomem);
    thread->stack_ = TRY(KernelStack::allocate());
    thread->stack_top_ = thread->stack_.top();
    thread->set_name(name);
    thread->start_time = monotonic_now();
    thread->process_ = process;
    thread->account.store(thread->stack_.payer(), std::memory_order_relaxed);
    thread->entry_ = entry;
    thread->argument_ = argument;
    arch::initialise_context(thread->context, thread->stack_top_, scheduler::begin_thread, thread.get());
    return thread;
}

Result<Ref<Thread>> Thread::adopt_boot_flow(std::string_view name, KernelAddr stack_top)
{
    auto thread = adopt_ref(new (std::nothrow) Thread);
    if (!thread)
        return fail(Errno::nomem);
    thread->stack_top_ = stack_top;
    thread->set_name(name);
    thread->state = State::runnable;
    return thread;
}

Thread::~Thread()
{
    if (failing_allocation != 0)
        allocation_failure::waiting.fetch_sub(1, std::memory_order_relaxed);
}

void Thread::set_name(std::string_view name)
{
    name_.clear();
    name_.write(name);
}

Ref<const Credentials> Thread::share_credentials() const
{
    LockGuard guard(credentials_lock_);
    return credentials_;
}

void Thread::set_credentials(Ref<const Credentials> credentials)
{
    acting_ = credentials.get();
    // The former ones leave with the parameter, after the lock.
    LockGuard guard(credentials_lock_);
    std::swap(credentials_, credentials);
}

}  // namespace tenon
