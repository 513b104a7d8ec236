#pragma once

#include <atomic>
#include <memory>
#include <string_view>
#include <utility>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include "kernel/arch.h"
#include "kernel/lib/address.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include "kernel/proc/credentials.h"
#include "kernel/proc/interrupted_call.h"
#include "kernel/proc/thread_signals.h"
#include "kernel/thread/thread.h"
#include <tenon/sync.h>

namespace tenon {

struct ThreadGroupHook;

// A thread of a process. One that has ended is counted out of its process (thread_groups::leave) and touches neither it nor user memory
// any more.
class UserThread final : public Thread,
                         public boost::intrusive::list_base_hook<boost::intrusive::tag<ThreadGroupHook>>,
                         public boost::intrusive::set_base_hook<> {
public:
    using GroupHook = boost::intrusive::list_base_hook<boost::intrusive::tag<ThreadGroupHook>>;

    // As Thread::create(). It acts as root until it is given other credentials.
    static Result<Ref<UserThread>> create(std::string_view name, void (*entry)(void*), void* argument, Process& process);
    ~UserThread() override;

    // The thread id of user space. Changes once at most, when a thread other than the leader executes a program (process_table::lock).
    u32 id() const { return id_.load(std::memory_order_relaxed); }
    void set_id(u32 id) { id_.store(id, std::memory_order_relaxed); }
    // Whether it is among its process's threads: it was started and has not ended.
    bool is_in_group() const { return GroupHook::is_linked(); }
    bool operator<(const UserThread& other) const { return id() < other.id(); }

    // Those that it acts with; only for the thread itself (current_credentials()).
    const Credentials& credentials() const { return *acting_; }
    // Its own, for everybody; usable under spinlocks.
    Ref<const Credentials> share_credentials() const;
    // By the thread itself, or before it starts. Not while it acts with others.
    void set_credentials(Ref<const Credentials> credentials);
    // For ActingAs: `credentials` stay alive until the next call. Returns what was in force.
    const Credentials* act_as(const Credentials* credentials) { return std::exchange(acting_, credentials); }

    ThreadSignals signals;
    // Where the id is stored as 0, and sleepers woken, when the thread ends (set_tid_address). Only the thread itself uses it.
    UserPtr<u32> clear_child_id;
    // Start of the list of locks that it holds (set_robust_list); others may ask for it.
    std::atomic<u64> robust_list{0};
    InterruptedCall interrupted_call;  // only the thread itself uses it
    // One line: why its last init_module failed (/proc/self/module_error). Only the thread itself sees it.
    std::unique_ptr<FixedText<480>> module_error;
    // PR_SET_TIMERSLACK, nanoseconds: kept for the program, and not used, since timers here are as exact as the machine's.
    u64 timer_slack = 50'000;
    u64 usual_timer_slack = 50'000;  // what 0 stands for

private:
    explicit UserThread(Process& process) : Thread(&process), credentials_(&Credentials::root()), acting_(credentials_.get()) {}

    void activate_memory() const override;
    void note_tick() override;

    std::atomic<u32> id_{0};
    mutable Spinlock credentials_lock_;   // protects credentials_ against share_credentials()
    Ref<const Credentials> credentials_;  // only the thread itself replaces them
    const Credentials* acting_;           // credentials_, unless it acts with others
};

// The threads of a process.
using ThreadList = boost::intrusive::list<UserThread, boost::intrusive::base_hook<UserThread::GroupHook>>;

// The calling thread, if it is one of a process; null for threads of the kernel.
inline UserThread* current_user_thread_if_any()
{
    Thread& thread = arch::current_thread();
    return thread.process() == nullptr ? nullptr : static_cast<UserThread*>(&thread);
}

// The calling thread; only in system calls and faults from user space.
inline UserThread& current_user_thread()
{
    return static_cast<UserThread&>(arch::current_thread());
}

}  // namespace tenon
