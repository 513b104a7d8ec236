#include <tenon/sync.h>

#include "kernel/arch.h"
#include "kernel/lib/panic.h"
#include "kernel/thread/blocking.h"
#include "kernel/thread/sanitizer/lock_order.h"
#include "kernel/thread/scheduler.h"

namespace tenon {

namespace {

u64 this_thread()
{
    return reinterpret_cast<u64>(&arch::current_thread());
}

}  // namespace

// What its last holder wrote is seen by who takes it: acquire here and in take_or_mark(), release in both ways to unlock
// (litmus: Waiting.MutexIsMarkedOrFree). And who finds a holder in the word sees his thread: release here, acquire there
// (litmus: Waiting.MutexHolderIsKnown).
bool Mutex::try_lock()
{
    u64 nobody = 0;
    if (!holder_.compare_exchange_strong(nobody, this_thread(), std::memory_order_acq_rel, std::memory_order_relaxed)) [[unlikely]]
        return false;
    lock_order::after_mutex(class_);
    return true;
}

void Mutex::lock()
{
    lock_order::before_mutex(class_);
    if (may_block() && try_lock()) [[likely]]
        return;
    const auto result = wait(Interruptible::no);
    expect(result.has_value(), "uninterruptible wait was interrupted");
}

Result<> Mutex::lock_killable()
{
    lock_order::before_mutex(class_);
    if (may_block() && try_lock()) [[likely]]
        return {};
    return wait(Interruptible::killable);
}

// The waiter is urgent itself: when it has been woken, those behind it wait for it. It stays so while it holds the mutex, which it takes
// as a contended one.
Result<> Mutex::wait(Interruptible interruptible)
{
    if (!may_block()) [[unlikely]] {
        report_blocking();
        if (try_lock())
            return {};
    }
    expect(!is_held_by_this_thread(), "mutex taken twice by one thread");
    scheduler::begin_urgency(arch::current_thread());
    bool came_too_late = false;
    const auto result =
        waiters_.wait_until(interruptible, [&] { return take_or_mark(std::exchange(came_too_late, true)); });
    // It may have been handed over after the last look.
    if (result || is_held_by_this_thread()) {
        lock_order::after_mutex(class_);
        return {};
    }
    scheduler::end_urgency();
    return result;
}

// Takes the mutex when it is free or has been handed over. Else its holder finds the mark in unlock(), and cannot get past the lock
// there before it has been made urgent (litmus: Waiting.MutexIsMarkedOrFree, litmus: Waiting.MutexHolderIsKnown).
bool Mutex::take_or_mark(bool came_too_late)
{
    LockGuard guard(waiters_.lock_);
    u64 word = holder_.load(std::memory_order_acquire);
    while (thread_of(word) != &arch::current_thread()) {
        Thread* const holder = thread_of(word);
        const u64 wanted = holder == nullptr ? this_thread() | contended : word | contended | (came_too_late ? overdue : 0);
        if (!holder_.compare_exchange_weak(word, wanted, std::memory_order_acq_rel, std::memory_order_acquire))
            continue;
        if (holder != nullptr && (word & contended) == 0)
            scheduler::begin_urgency(*holder);
        return holder == nullptr;
    }
    return true;
}

// Its half of the pairs with try_lock() and take_or_mark() (litmus: Waiting.MutexIsMarkedOrFree).
void Mutex::unlock()
{
    u64 word = this_thread();
    lock_order::note_unlocked_mutex(class_);
    if (!holder_.compare_exchange_strong(word, 0, std::memory_order_release, std::memory_order_relaxed)) [[unlikely]]
        unlock_contended();
}

// The same with a mark; the release is for try_lock(), which takes no lock (litmus: Waiting.MutexIsMarkedOrFree, litmus: Locks.Spinlock).
void Mutex::unlock_contended()
{
    expect(is_held_by_this_thread(), "a mutex released by a thread that does not hold it");
    {
        LockGuard guard(waiters_.lock_);
        const bool is_somebody_there = !waiters_.waiters_.empty();
        const bool hands_over = is_somebody_there && (holder_.load(std::memory_order_relaxed) & overdue) != 0;
        Thread* const heir = hands_over ? waiters_.waiters_.front().thread : nullptr;
        holder_.store(heir != nullptr ? reinterpret_cast<u64>(heir) | contended : 0, std::memory_order_release);
        if (is_somebody_there)
            waiters_.wake_first();
    }
    scheduler::end_urgency();
}

bool Mutex::is_held_by_this_thread() const
{
    return thread_of(holder_.load(std::memory_order_relaxed)) == &arch::current_thread();
}

// A release for those who find the event past without the lock (litmus: Publication.Pointer).
void Completion::complete()
{
    LockGuard guard(lock_);
    done_.store(true, std::memory_order_release);
    waiters_.wake_all();
}

// Pairs with complete() (litmus: Publication.Pointer).
Result<> Completion::wait(Interruptible interruptible)
{
    const auto result = waiters_.wait_until(interruptible, [this] { return done_.load(std::memory_order_acquire); });
    // complete() may still be at work on this object, which the caller is free to delete (litmus: Waiting.CompletionOutlivesItsCompleter).
    LockGuard guard(lock_);
    return result;
}

}  // namespace tenon
