#include <tenon/sync.h>

#include "kernel/arch.h"
#include "kernel/lib/panic.h"

namespace tenon {

bool Mutex::try_lock()
{
    Thread* nobody = nullptr;
    return holder_.compare_exchange_strong(nobody, &arch::current_thread(), std::memory_order_acquire,
                                           std::memory_order_relaxed);
}

void Mutex::lock()
{
    if (try_lock()) [[likely]]
        return;
    expect(!is_held_by_this_thread(), "mutex taken twice by one thread");
    const auto result = waiters_.wait_until(Interruptible::no, [this] { return try_lock(); });
    expect(result.has_value(), "uninterruptible wait was interrupted");
}

Result<> Mutex::lock_killable()
{
    if (try_lock()) [[likely]]
        return {};
    expect(!is_held_by_this_thread(), "mutex taken twice by one thread");
    return waiters_.wait_until(Interruptible::killable, [this] { return try_lock(); });
}

void Mutex::unlock()
{
    holder_.store(nullptr, std::memory_order_release);
    waiters_.wake_one();
}

bool Mutex::is_held_by_this_thread() const
{
    return holder_.load(std::memory_order_relaxed) == &arch::current_thread();
}

void Completion::complete()
{
    LockGuard guard(lock_);
    done_.store(true, std::memory_order_release);
    waiters_.wake_all();
}

Result<> Completion::wait(Interruptible interruptible)
{
    const auto result = waiters_.wait_until(interruptible, [this] { return done_.load(std::memory_order_acquire); });
    // complete() may still be at work on this object, which the caller is free to delete.
    LockGuard guard(lock_);
    return result;
}

}  // namespace tenon
