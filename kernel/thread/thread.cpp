#include "kernel/thread/thread.h"

#include <new>

#include "kernel/thread/scheduler.h"
#include <tenon/time.h>

namespace tenon {

Result<Ref<Thread>> Thread::create(std::string_view name, void (*entry)(void*), void* argument)
{
    auto thread = adopt_ref(new (std::nothrow) Thread(nullptr));
    if (!thread)
        return fail(Errno::nomem);
    TRY(thread->prepare(name, entry, argument));
    return thread;
}

Result<> Thread::prepare(std::string_view name, void (*entry)(void*), void* argument)
{
    stack_ = TRY(KernelStack::allocate());
    stack_top_ = stack_.top();
    set_name(name);
    start_time = monotonic_now();
    account.store(stack_.payer(), std::memory_order_relaxed);
    entry_ = entry;
    argument_ = argument;
    arch::initialise_context(context, stack_top_, scheduler::begin_thread, this);
    return {};
}

Result<Ref<Thread>> Thread::adopt_boot_flow(std::string_view name, KernelAddr stack_top)
{
    auto thread = adopt_ref(new (std::nothrow) Thread(nullptr));
    if (!thread)
        return fail(Errno::nomem);
    thread->stack_top_ = stack_top;
    thread->set_name(name);
    thread->state = State::runnable;
    return thread;
}

Thread::~Thread() = default;

void Thread::set_name(std::string_view name)
{
    name_.clear();
    name_.write(name);
}

void Thread::activate_memory() const
{
    arch::UserPageTable::activate_none();
}

}  // namespace tenon
