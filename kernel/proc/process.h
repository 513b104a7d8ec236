#pragma once

#include <atomic>
#include <memory>

#include <boost/intrusive/list.hpp>

#include "kernel/fs/path.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include "kernel/mm/address_space.h"
#include "kernel/proc/file_table.h"
#include "kernel/proc/thread.h"
#include <tenon/sync.h>

namespace tenon {

class SignalState;  // kernel/proc/signal.h: dispositions, pending set
class Terminal;     // kernel/dev/tty: the controlling terminal

struct ChildrenHook;

// A user process. `process_table::lock` (a spinlock, kernel/proc/process_table.h) protects the relations between processes: parent,
// children, group, session, exit state. What only the process's own thread changes needs no lock.
class Process final : public RefCounted,
                      public boost::intrusive::list_base_hook<boost::intrusive::tag<ChildrenHook>>,
                      public boost::intrusive::list_base_hook<> {
public:
    enum class State : u8 { running, stopped, zombie };

    static Result<Ref<Process>> create(std::string_view name);
    ~Process();

    u32 id = 0;
    u32 group = 0;
    u32 session = 0;
    Process* parent = nullptr;
    boost::intrusive::list<Process, boost::intrusive::base_hook<boost::intrusive::list_base_hook<boost::intrusive::tag<ChildrenHook>>>,
                           boost::intrusive::constant_time_size<false>>
        children;
    State state = State::running;
    int exit_status = 0;              // as wait4 reports it
    bool stop_reported = true;        // wait4(WUNTRACED) has seen the current stop
    bool continue_reported = true;    // wait4(WCONTINUED) has seen the last continue
    WaitQueue child_events;           // of this process's children
    u64 start_time = 0;               // monotonic nanoseconds

    Ref<Thread> thread;               // the main thread
    Ref<AddressSpace> memory;
    Ref<FileTable> files;
    std::unique_ptr<SignalState> signals;
    Path working_directory;
    Path root_directory;
    Path executable;
    std::atomic<u32> umask{022};
    std::atomic<Terminal*> terminal{nullptr};  // terminals are never deleted
    UserAddr arguments_start;         // of the strings on the stack, for /proc/PID/cmdline
    UserAddr arguments_end;
    UserAddr environment_start;
    UserAddr environment_end;
    Completion* vfork_done = nullptr; // the parent of a vfork waits for exec or exit

    // One line: why the last init_module of this process failed (/proc/self/module_error). Errors only the process itself sees.
    std::unique_ptr<FixedText<480>> module_error;

private:
    Process();
};

// The process of the calling thread; only in system calls and faults from user space.
Process& current_process();

}  // namespace tenon
