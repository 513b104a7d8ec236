#include <tenon/sync.h>

#include "kernel/arch.h"
#include "kernel/lib/panic.h"
#include "kernel/thread/blocking.h"
#include "kernel/thread/scheduler.h"
#include "kernel/time/timer.h"
#include <tenon/time.h>

namespace tenon {
namespace {

// Wakes a thread at a point of time.
class SleepTimer final : public Timer {
public:
    explicit SleepTimer(Thread& thread) : thread_(thread) {}
    ~SleepTimer() { disarm(); }

private:
    void timer_expired() override { scheduler::wake(thread_); }

    Thread& thread_;
};

}  // namespace

WaitQueue::~WaitQueue()
{
    expect(waiters_.empty(), "wait queue deleted while threads sleep on it");
}

void WaitQueue::prepare(Waiter& waiter)
{
    require_may_block();
    waiter.thread = &arch::current_thread();
    waiter.woken = false;
    // Before anybody can find the waiter: a wake-up of a thread that does not sleep yet would be lost.
    scheduler::prepare_to_block();
    {
        LockGuard guard(lock_);
        waiters_.push_back(waiter);
        count_.fetch_add(1, std::memory_order_relaxed);
    }
    std::atomic_thread_fence(std::memory_order_seq_cst);  // pairs with has_waiters() (litmus: Waiting.WakeUpsAreNotLost)
}

bool WaitQueue::cancel(Waiter& waiter)
{
    scheduler::cancel_block();
    LockGuard guard(lock_);
    if (waiter.is_linked()) {
        waiters_.erase(List::s_iterator_to(waiter));
        count_.fetch_sub(1, std::memory_order_relaxed);
    }
    return waiter.woken;
}

Result<> WaitQueue::sleep_prepared(Interruptible interruptible, u64 deadline)
{
    Thread& thread = arch::current_thread();
    // Looked for after prepare_to_block(), whose fence pairs with the sender's order (litmus: Waiting.SignalsReachSleepers).
    const auto interrupted = [&] {
        switch (interruptible) {
        case Interruptible::no: return false;
        case Interruptible::killable: return thread.fatal_signal_pending.load(std::memory_order_acquire);
        case Interruptible::yes: return thread.signal_pending.load(std::memory_order_acquire);
        }
        return false;
    };
    const auto late = [&] { return deadline != no_deadline && monotonic_now() >= deadline; };
    if (interrupted() || late()) {
        scheduler::cancel_block();
    } else if (deadline == no_deadline) {
        scheduler::block();
    } else {
        SleepTimer timer(thread);
        timer.arm(deadline);
        scheduler::block();
    }
    if (interrupted())
        return fail(Errno::intr);
    if (late())
        return fail(Errno::timedout);
    return {};
}

Result<> WaitQueue::sleep(Waiter& waiter, Interruptible interruptible, u64 deadline)
{
    const auto result = sleep_prepared(interruptible, deadline);
    cancel(waiter);
    return result;
}

// The queue's lock is held: until it is released the waiter, which takes it in cancel(), and its thread exist.
void WaitQueue::wake_first()
{
    Waiter& waiter = waiters_.front();
    waiters_.pop_front();
    count_.fetch_sub(1, std::memory_order_relaxed);
    waiter.woken = true;
    scheduler::wake(*waiter.thread);
}

// A waiter counts itself before it checks its condition, and the waker changes the condition before it looks at the count, each with a
// fence in between: one of them sees the other (litmus: Waiting.WakeUpsAreNotLost).
bool WaitQueue::has_waiters() const
{
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return count_.load(std::memory_order_relaxed) != 0;
}

void WaitQueue::wake_one()
{
    if (!has_waiters())
        return;
    LockGuard guard(lock_);
    if (!waiters_.empty())
        wake_first();
}

void WaitQueue::wake_all()
{
    if (!has_waiters())
        return;
    LockGuard guard(lock_);
    while (!waiters_.empty())
        wake_first();
}

Result<> sleep_for(u64 nanoseconds, Interruptible interruptible)
{
    require_may_block();
    const u64 now = monotonic_now();
    const u64 deadline = nanoseconds > WaitQueue::no_deadline - 1 - now ? WaitQueue::no_deadline - 1 : now + nanoseconds;
    do {
        scheduler::prepare_to_block();
        const auto result = WaitQueue::sleep_prepared(interruptible, deadline);
        if (!result && result.error() != Errno::timedout)
            return result;
    } while (monotonic_now() < deadline);
    return {};
}

}  // namespace tenon
