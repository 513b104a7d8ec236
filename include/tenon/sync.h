#pragma once

#include <atomic>
#include <utility>

#include <boost/intrusive/list.hpp>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include <tenon/api.h>
#include <tenon/lock_class.h>

// Locks and waiting. Kernel code is never preempted: a CPU leaves it only by returning to user space, by blocking here,
// or when idle. A loop whose length comes from outside therefore has a resched_point(): no call holds a CPU for more than 5 ms
// without one. Lock order inside the scheduler: WaitQueue lock, then run-queue lock.

namespace tenon {

class Thread;

// A place where long-running kernel code lets others have the CPU: yields when the time slice is over or when somebody waits for
// this CPU to leave the code it is in (so what it may be called from is what may block: no spinlock, interrupts on, the caller's
// module referenced). Errno::intr when a signal that ends the process is pending for the running thread: stop, and report what has
// been done. Where nothing can be left half done the result may be ignored. Costs two loads when nothing is due.
TENON_API Result<> resched_point();
// For streams of any length, which every signal may cut short: as resched_point(), and Errno::intr for signals with a handler, too.
TENON_API Result<> signal_point();

// Mutual exclusion between CPUs and interrupt handlers: interrupts of this CPU are off while it is held.
// The holder must not block. Whoever is running takes a free lock: handing it over in order would stall everybody when the next
// in line is a virtual CPU that its host does not run just now.
class TENON_API Spinlock : NoCopy {
public:
    constexpr Spinlock(std::source_location place = std::source_location::current()) : class_(place) {}
    void lock();
    void unlock();
    bool is_held_by_this_cpu() const;

private:
    static constexpr u32 nobody = ~0u;

    void wait_for_holder(u32 cpu);

    std::atomic<u32> holder_{nobody};  // the CPU that holds it
    u64 saved_interrupts_ = 0;         // of the holder; written only by it
    [[no_unique_address]] LockClass class_;
};

// Holds a lock for a scope; any type with lock() and unlock().
template <typename Lock>
class LockGuard : NoCopy {
public:
    explicit LockGuard(Lock& lock) : lock_(lock) { lock_.lock(); }
    ~LockGuard() { lock_.unlock(); }

private:
    Lock& lock_;
};

// Data that can be reached only with its lock held: `files.with([&](FileTable& table) { … })`.
template <typename T, typename Lock = Spinlock>
class Guarded : NoCopy {
public:
    template <typename... Args>
    constexpr explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...)
    {
    }

    template <typename Callback>
    decltype(auto) with(Callback&& callback)
    {
        LockGuard guard(lock_);
        return std::forward<Callback>(callback)(value_);
    }

    template <typename Callback>
    decltype(auto) with(Callback&& callback) const
    {
        LockGuard guard(lock_);
        return std::forward<Callback>(callback)(value_);
    }

private:
    mutable Lock lock_;
    T value_;
};

// What may end a wait before its condition holds: nothing, a signal that ends the process, or any signal. A wait for what others
// may delay at will is at least killable; `no` is for waits that this kernel itself bounds.
enum class Interruptible : u8 { no, killable, yes };

// One sleeping thread, linked into the queue it sleeps on; lives on that thread's stack.
struct Waiter : boost::intrusive::list_base_hook<> {
    Thread* thread = nullptr;
    bool woken = false;
};

// A place where threads sleep until a condition that they check themselves holds.
//
//     queue.wait_until(Interruptible::yes, [&] { return ring.has_data(); })
//
// The condition is evaluated before every sleep, after the thread has been queued, so a wake-up between the check and the
// sleep is not lost. The condition may take spinlocks but must not block. wake_* may be called in every context.
class TENON_API WaitQueue : NoCopy {
public:
    WaitQueue() = default;
    ~WaitQueue();

    // Errno::intr when a signal that may end the wait is pending for the thread; the condition is then false.
    template <typename Condition>
    Result<> wait_until(Interruptible interruptible, Condition&& condition)
    {
        return wait_until_deadline(interruptible, no_deadline, std::forward<Condition>(condition));
    }

    // `deadline` is in nanoseconds of monotonic time; Errno::timedout when it passes first.
    template <typename Condition>
    Result<> wait_until_deadline(Interruptible interruptible, u64 deadline, Condition&& condition)
    {
        Result<> result;
        for (;;) {
            Waiter waiter;
            prepare(waiter);
            if (condition()) {
                cancel(waiter);
                return {};
            }
            if (!result) {
                if (cancel(waiter))
                    wake_one();  // who gives up has no use for it
                return result;
            }
            result = sleep(waiter, interruptible, deadline);
        }
    }

    void wake_one();
    void wake_all();

    static constexpr u64 no_deadline = ~u64{0};

    // The steps of wait_until, for poll-like code that sleeps on several queues at once: prepare on each,
    // check, then sleep_prepared() of the thread, then cancel on each. cancel() returns whether somebody has woken the waiter.
    void prepare(Waiter& waiter);
    bool cancel(Waiter& waiter);
    static Result<> sleep_prepared(Interruptible interruptible, u64 deadline);

private:
    friend class Mutex;

    // Sleeps until woken, cancels the waiter, and says why it came back.
    Result<> sleep(Waiter& waiter, Interruptible interruptible, u64 deadline);
    void wake_first();
    bool has_waiters() const;

    using List = boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>>;

    Spinlock lock_;
    List waiters_;                // protected by lock_
    std::atomic<u32> count_{0};   // of waiters_, so that waking nobody takes no lock
};

// While it lives others may have to wait for what the calling thread does, on whose stack it is: the thread has every second turn of its
// CPU, together with others of the kind, whatever its share. Its time counts as ever, so this gains nobody anything in the long run.
class TENON_API Urgent : NoCopy {
public:
    Urgent();
    ~Urgent();
};

// Mutual exclusion between threads; the holder may block. Never taken in interrupt handlers. A mutex whose holder may wait for a
// user's memory, for another program or for a device is taken by lock_killable(): nobody is held by it longer than he likes.
//
// How long others wait is bounded by how long they use it, not by anybody's share of a CPU or luck: who holds it while others wait, and who
// waits for it, is urgent. With `urgent` such threads ready on the holder's CPU he runs in one of 2 * `urgent` turns, each of them a tick of
// the timer at most (and what the code that it interrupts takes to the next resched_point). Who is woken and finds it taken again has it
// given at the next unlock.
class TENON_API Mutex : NoCopy {
public:
    Mutex(std::source_location place = std::source_location::current()) : class_(place) {}
    void lock();
    Result<> lock_killable();  // Errno::intr, without the lock, when a signal ends the process first
    bool try_lock();
    void unlock();
    bool is_held_by_this_thread() const;

private:
    // In the word beside the holder: somebody waits, or did when the holder took it (the holder is urgent, by one); and he was woken before
    // and came too late.
    static constexpr u64 contended = 1;
    static constexpr u64 overdue = 2;

    static Thread* thread_of(u64 word) { return reinterpret_cast<Thread*>(word & ~(contended | overdue)); }
    Result<> wait(Interruptible interruptible);
    bool take_or_mark(bool came_too_late);
    void unlock_contended();

    std::atomic<u64> holder_{0};  // a Thread's address; marked with the lock of waiters_ held
    WaitQueue waiters_;
    [[no_unique_address]] LockClass class_;
};

// Holds a mutex for a scope, when it could be had: `const auto guard = TRY(KillableLockGuard::take(mutex));`
class [[nodiscard]] KillableLockGuard {
public:
    static Result<KillableLockGuard> take(Mutex& mutex)
    {
        if (const auto locked = mutex.lock_killable(); !locked)
            return fail(locked.error());
        return KillableLockGuard(mutex);
    }
    KillableLockGuard(KillableLockGuard&& other) : mutex_(std::exchange(other.mutex_, nullptr)) {}
    KillableLockGuard& operator=(KillableLockGuard&&) = delete;
    ~KillableLockGuard()
    {
        if (mutex_ != nullptr)
            mutex_->unlock();
    }

private:
    explicit KillableLockGuard(Mutex& mutex) : mutex_(&mutex) {}

    Mutex* mutex_;
};

// An event that happens once: waiters before it sleep, waiters after it pass.
class TENON_API Completion : NoCopy {
public:
    void complete();
    Result<> wait(Interruptible interruptible);

private:
    Spinlock lock_;  // held by complete() from its first to its last access
    std::atomic<bool> done_{false};
    WaitQueue waiters_;
};

}  // namespace tenon
