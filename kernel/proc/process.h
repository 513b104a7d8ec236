#pragma once

#include <atomic>
#include <memory>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include "kernel/fs/path.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include "kernel/mm/address_space.h"
#include "kernel/proc/file_table.h"
#include "kernel/proc/resource_limits.h"
#include "kernel/proc/thread.h"
#include <tenon/sync.h>

namespace tenon {

class SignalState;  // kernel/proc/signal.h: dispositions, pending set
class Terminal;     // kernel/dev/tty: the controlling terminal

struct ChildrenHook;

// A user process. `process_table::lock` (kernel/proc/process_table.h) protects the relations between processes: parent,
// children, group, session, exit state. What only the process's own thread changes needs no lock.
class Process final : public RefCounted,
                      public boost::intrusive::list_base_hook<boost::intrusive::tag<ChildrenHook>>,
                      public boost::intrusive::set_base_hook<> {
public:
    enum class State : u8 { running, stopped, zombie };

    // CPU time in counter() ticks.
    struct Times {
        u64 user = 0;
        u64 system = 0;

        Times operator+(const Times& other) const { return {user + other.user, system + other.system}; }
    };

    // Without thread, memory and id: fork and the start of init fill them in.
    static Result<Ref<Process>> create();
    ~Process();

    u32 id = 0;
    u32 group = 0;
    u32 session = 0;
    Process* parent = nullptr;
    std::atomic<u32> parent_id{0};    // of `parent`; readable without the lock
    using Siblings = boost::intrusive::list_base_hook<boost::intrusive::tag<ChildrenHook>>;
    boost::intrusive::list<Process, boost::intrusive::base_hook<Siblings>, boost::intrusive::constant_time_size<false>> children;
    std::atomic<State> state{State::running};
    int exit_status = 0;              // as wait4 reports it
    int exit_signal = 17;             // what the parent gets when it ends; 0: nothing
    bool stop_reported = true;        // wait4(WUNTRACED) has seen the current stop
    bool continue_reported = true;    // wait4(WCONTINUED) has seen the last continue
    WaitQueue child_events;           // of this process's children
    WaitQueue continued;              // the process itself waits here while it is stopped
    Times children_times;             // of waited-for children
    u64 start_time = 0;               // monotonic nanoseconds
    bool has_executed = false;        // setpgid by the parent is over

    Ref<Thread> thread;               // the main thread
    Ref<AddressSpace> memory;
    Ref<FileTable> files;
    std::unique_ptr<SignalState> signals;
    Path working_directory;
    Path root_directory;
    Path executable;
    ResourceLimits limits;
    std::atomic<u32> umask{022};
    std::atomic<Terminal*> terminal{nullptr};  // terminals are never deleted
    UserAddr arguments_start;         // of the strings on the stack, for /proc/PID/cmdline
    UserAddr arguments_end;
    UserAddr environment_start;
    UserAddr environment_end;
    Completion left_parents_memory;   // at exec or exit: the parent of a vfork waits for it

    // A nanosleep that a stop interrupted, for restart_syscall: its end in monotonic time, where the rest is stored.
    u64 sleep_deadline = 0;
    UserAddr sleep_remaining;
    u64 alarm_deadline = 0;           // setitimer(ITIMER_REAL), monotonic; 0: off. process_table::lock
    u64 alarm_interval = 0;

    // Those of the main thread, for other processes; usable under spinlocks.
    Ref<const Credentials> share_credentials() const { return thread->share_credentials(); }
    // What other processes (procfs) may take while this one runs; empty after exit.
    Ref<AddressSpace> share_memory() const;
    Ref<FileTable> share_files() const;
    u64 resident_pages() const;  // usable under spinlocks
    Path share_path(Path Process::*which) const;
    // Changes `which` (working_directory, root_directory, executable) of the calling process.
    void set_path(Path Process::*which, Path path);
    void set_parent_locked(Process& new_parent);  // and enters this among its children
    // Exchange what the calling process has; the former is returned.
    Ref<AddressSpace> set_memory(Ref<AddressSpace> new_memory);
    Ref<FileTable> set_files(Ref<FileTable> new_files);
    Times times() const;

    bool operator<(const Process& other) const { return id < other.id; }

    // One line: why the last init_module of this process failed (/proc/self/module_error). Errors only the process itself sees.
    std::unique_ptr<FixedText<480>> module_error;

private:
    Process();

    mutable Spinlock sharing_lock_;  // protects memory, files and the paths against share_*
};

struct ProcessId {
    bool operator()(u32 id, const Process& process) const { return id < process.id; }
    bool operator()(const Process& process, u32 id) const { return process.id < id; }
};

// The process of the calling thread; only in system calls and faults from user space.
Process& current_process();

}  // namespace tenon
