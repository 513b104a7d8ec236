#pragma once

#include <atomic>
#include <memory>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include "kernel/fs/path.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include "kernel/mm/address_space.h"
#include "kernel/proc/file_system_context.h"
#include "kernel/proc/file_table.h"
#include "kernel/proc/resource_limits.h"
#include "kernel/proc/user_thread.h"
#include <tenon/sync.h>

namespace tenon {

class SignalState;  // kernel/proc/signal.h: dispositions, what is pending for the process
class Terminal;     // kernel/dev/tty: the controlling terminal
class ProcessTimers;

// personality(2), with Linux's values.
namespace personality_flag {
constexpr u32 no_randomisation = 0x004'0000;
}

struct ChildrenHook;

// A user process: a group of threads that share memory, descriptors and signal dispositions. `process_table::lock`
// (kernel/proc/process_table.h) protects the relations between processes and threads: parent, children, group, session, exit and stop
// state, and everything below that names no other lock. Memory, descriptors and the arguments' places change only while the process has
// one thread (execve, exit), so its threads use them without a lock.
class Process final : public RefCounted,
                      public boost::intrusive::list_base_hook<boost::intrusive::tag<ChildrenHook>>,
                      public boost::intrusive::set_base_hook<> {
public:
    enum class State : u8 { running, stopped, zombie };

    // CPU time in counter() ticks.
    struct Times {
        u64 user = 0;  // as the timer interrupt finds it
        u64 system = 0;
        u64 run = 0;   // exact

        static Times of(const Thread& thread)
        {
            return {.user = thread.user_time.load(std::memory_order_relaxed),
                    .system = thread.system_time.load(std::memory_order_relaxed),
                    .run = thread.run_time.load(std::memory_order_relaxed)};
        }
        Times operator+(const Times& other) const { return {user + other.user, system + other.system, run + other.run}; }
    };

    // Without threads, memory and id: fork and the start of init fill them in.
    static Result<Ref<Process>> create();
    ~Process();

    u32 id = 0;                       // and that of the leader thread
    u32 group = 0;
    u32 session = 0;
    Process* parent = nullptr;
    std::atomic<u32> parent_id{0};    // of `parent`; readable without the lock
    using Siblings = boost::intrusive::list_base_hook<boost::intrusive::tag<ChildrenHook>>;
    using SiblingList = boost::intrusive::list<Process, boost::intrusive::base_hook<Siblings>, boost::intrusive::constant_time_size<false>>;
    SiblingList children;
    std::atomic<State> state{State::running};
    int exit_status = 0;              // as wait4 reports it
    int stop_status = 0;              // the same for the last stop
    int exit_signal = 17;             // what the parent gets when it ends; 0: nothing
    u32 parent_thread = 0;            // id of the parent's thread that made it, or took over its children
    int parent_death_signal = 0;      // what the process gets when that thread ends (PR_SET_PDEATHSIG)
    bool is_subreaper = false;        // adopts the orphans among its descendants (PR_SET_CHILD_SUBREAPER)
    bool stop_reported = true;        // wait4(WUNTRACED) has seen the current stop
    bool continue_reported = true;    // wait4(WCONTINUED) has seen the last continue
    WaitQueue child_events;           // of this process's children
    WaitQueue continued;              // its threads wait here while it is stopped
    Times children_times;             // of waited-for children
    u64 start_time = 0;               // monotonic nanoseconds
    bool has_executed = false;        // setpgid by the parent is over

    // Those that have not ended. Changes need process_table::lock and then the lock of `signals`; either is enough to look.
    ThreadList threads;
    Ref<UserThread> leader;           // the thread whose id is the process's; it may end before others
    Ref<UserThread> last_thread;      // of a zombie: the one that ended last
    Times ended_threads_times;        // of threads that have ended, the leader's left out
    bool is_ending = false;           // all threads end (exit_group or a fatal signal); exit_status is final
    UserThread* executing = nullptr;  // in execve, waiting for the others' end
    WaitQueue thread_ends;            // `executing` waits here
    bool is_stopping = false;         // threads stop as they come to it; `state` is stopped when all have
    u32 stopped_threads = 0;
    u32 stop_number = 0;              // counts stops

    Ref<AddressSpace> memory;
    Ref<FileTable> files;
    std::unique_ptr<SignalState> signals;
    Ref<FileSystemContext> file_system;
    Path executable;
    ResourceLimits limits;
    std::atomic<u32> personality{0};  // personality_flag; of programs that are executed from now on
    std::atomic<Terminal*> terminal{nullptr};  // terminals are never deleted
    Completion left_parents_memory;   // at exec or exit: the parent of a vfork waits for it
    std::unique_ptr<ProcessTimers> timers;  // has locks of its own

    // Those of the leader, for other processes; usable under spinlocks.
    Ref<const Credentials> share_credentials() const { return share_leader()->share_credentials(); }
    // What other processes (procfs) may take while this one runs; empty after exit.
    Ref<UserThread> share_leader() const;  // usable under spinlocks
    Ref<AddressSpace> share_memory() const;
    Ref<FileTable> share_files() const;
    u64 resident_pages() const;  // usable under spinlocks
    Ref<FileSystemContext> share_file_system() const;
    Path share_executable() const;
    void set_executable(Path path);
    void set_leader(Ref<UserThread> thread);  // in place of a former one; process_table::lock is held
    void set_parent_locked(Process& new_parent);  // and enters this among its children
    // Exchange what the calling process has; the former is returned.
    Ref<AddressSpace> set_memory(Ref<AddressSpace> new_memory);
    Ref<FileTable> set_files(Ref<FileTable> new_files);
    Ref<FileSystemContext> set_file_system(Ref<FileSystemContext> new_file_system);
    // Of all its threads.
    Times times() const;
    Times times_locked() const;

    bool operator<(const Process& other) const { return id < other.id; }

private:
    Process();

    mutable Spinlock sharing_lock_;  // protects memory, files, file_system, executable and the change of leader against share_*
};

struct ProcessId {
    bool operator()(u32 id, const Process& process) const { return id < process.id; }
    bool operator()(const Process& process, u32 id) const { return process.id < id; }
};

// The process of the calling thread; only in system calls and faults from user space.
inline Process& current_process()
{
    Process* const process = arch::current_thread().process();
    expect(process != nullptr, "a kernel thread has no process");
    return *process;
}

}  // namespace tenon
