#pragma once

#include <array>

#include <tenon/lock_class.h>

// The debug kernel's watch over the order in which locks are taken. Locks made at the same place are one class. That a lock of class B is
// taken while one of class A is held is remembered for ever; whoever then takes an A while he holds a B, or anything that leads there, is
// reported, whether or not anybody else is on the way just then. Two locks of one class have an order of their own (addresses, a tree),
// which is not looked at. Spinlocks and mutexes have an order each: a mutex is never taken under a spinlock (kernel/thread/blocking.h).

namespace tenon::lock_order {

#ifdef TENON_DEBUG

// The locks that a thread (mutexes) or a CPU (spinlocks) holds; only it uses them.
class Held {
public:
    // Before the lock is waited for, which has not been tried.
    void check(const LockClass& wanted) const;
    void add(const LockClass& taken);
    void remove(const LockClass& given_back);
    const LockClass* last() const { return count_ == 0 ? nullptr : locks_[count_ - 1]; }

private:
    static constexpr u32 most = 32;

    std::array<const LockClass*, most> locks_{};
    u32 count_ = 0;
};

// Of the calling CPU, with interrupts off.
void before_spinlock(const LockClass& lock);
void after_spinlock(const LockClass& lock);
void note_unlocked_spinlock(const LockClass& lock);
// Of the calling thread.
void before_mutex(const LockClass& lock);
void after_mutex(const LockClass& lock);
void note_unlocked_mutex(const LockClass& lock);
// Says in the log which spinlock the CPU has taken last of those that it holds; nothing without one.
void print_held();

#else

class Held {};
inline void before_spinlock(const LockClass&) {}
inline void after_spinlock(const LockClass&) {}
inline void note_unlocked_spinlock(const LockClass&) {}
inline void before_mutex(const LockClass&) {}
inline void after_mutex(const LockClass&) {}
inline void note_unlocked_mutex(const LockClass&) {}
inline void print_held() {}

#endif

}  // namespace tenon::lock_order
