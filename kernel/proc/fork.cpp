#include "kernel/proc/fork.h"

#include <memory>

#include "kernel/mm/ledger.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/memory_pressure.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/process_timers.h"
#include "kernel/proc/signal.h"
#include "kernel/proc/thread_group.h"
#include "kernel/thread/scheduler.h"

namespace tenon {

namespace {

void run_child(void* argument)
{
    arch::UserRegisters registers;
    {
        const std::unique_ptr<arch::UserRegisters> start(static_cast<arch::UserRegisters*>(argument));
        registers = *start;
    }
    arch::enter_user(registers);
}

// What clone(2) says about combinations. Threads of one process share all that Linux lets a thread have for itself: descriptors
// and directories, too.
Result<> check_flags(const CloneRequest& request)
{
    const auto requires_flags = [&](u64 flag, u64 others) { return !request.has(flag) || (request.flags & others) == others; };
    const bool sound = (request.flags & ~clone_flag::known) == 0 &&
                       requires_flags(clone_flag::share_signal_actions, clone_flag::share_memory) &&
                       requires_flags(clone_flag::same_thread_group, clone_flag::share_signal_actions | clone_flag::share_files |
                                                                         clone_flag::share_file_system) &&
                       !(request.has(clone_flag::share_signal_actions) && request.has(clone_flag::reset_signal_actions)) &&
                       !(request.has(clone_flag::same_thread_group) && request.has(clone_flag::wait_for_exec)) &&
                       !(request.has(clone_flag::same_parent) && current_process().id == 1);
    if (!sound || request.exit_signal > signal_number::count)
        return fail(Errno::inval);
    return {};
}

Result<> copy_signals(const Process& parent, Process& child, const CloneRequest& request)
{
    Ref<SignalActions> actions = parent.signals->actions();
    if (!request.has(clone_flag::share_signal_actions))
        actions = TRY(actions->clone());
    if (request.has(clone_flag::reset_signal_actions))
        actions->reset_handlers();
    child.signals.reset(new (std::nothrow) SignalState(std::move(actions), child.threads));
    if (!child.signals)
        return fail(Errno::nomem);
    return {};
}

Result<> copy_resources(const Process& parent, Process& child, const CloneRequest& request)
{
    child.memory = parent.memory;
    if (!request.has(clone_flag::share_memory))
        child.memory = TRY(parent.memory->clone());
    child.files = parent.files;
    if (!request.has(clone_flag::share_files))
        child.files = TRY(parent.files->clone());
    child.file_system = parent.file_system;
    if (!request.has(clone_flag::share_file_system))
        child.file_system = TRY(parent.file_system->clone());
    TRY(copy_signals(parent, child, request));
    child.executable = parent.share_executable();
    child.limits = parent.limits;
    if (child.limits.values[ResourceLimits::processor_time].current != ResourceLimit::infinity)
        child.timers->watch_processor_time();
    child.personality = parent.personality.load(std::memory_order_relaxed);
    child.exit_signal = request.exit_signal;
    return {};
}

struct NewThread {
    Ref<UserThread> thread;
    std::unique_ptr<arch::UserRegisters> start;  // the thread's own from the moment it is started
};

Result<NewThread> make_thread(Process& process, const CloneRequest& request, const arch::UserRegisters& registers)
{
    const UserThread& caller = current_user_thread();
    NewThread made;
    made.start.reset(new (std::nothrow) arch::UserRegisters(registers));
    if (!made.start)
        return fail(Errno::nomem);
    made.start->x[0] = 0;
    made.start->system_call_number = ~u64{0};
    if (request.stack.value() != 0)
        made.start->sp = request.stack.value();
    made.thread = TRY(UserThread::create(caller.name(), run_child, made.start.get(), process));
    UserThread& thread = *made.thread;
    thread.set_credentials(caller.share_credentials());
    thread.timer_slack = thread.usual_timer_slack = caller.timer_slack;
    arch::save_user_state(thread.context);
    if (request.has(clone_flag::set_tls))
        arch::set_thread_pointer(thread.context, request.tls);
    thread.signals.blocked = caller.signals.saved_blocked.value_or(caller.signals.blocked);
    const bool keeps_stack = !request.has(clone_flag::share_memory) || request.has(clone_flag::wait_for_exec);
    if (keeps_stack)
        thread.signals.alternate_stack = caller.signals.alternate_stack;
    if (request.has(clone_flag::clear_child_id))
        thread.clear_child_id = request.child_id;
    return made;
}

void start(NewThread made)
{
    static_cast<void>(made.start.release());
    scheduler::start_thread(*made.thread);
}

// Relations are inherited at the moment the child becomes visible.
void enter_family(Process& caller, Process& child, const CloneRequest& request)
{
    LockGuard guard(process_table::lock);
    const bool same_parent = request.has(clone_flag::same_parent) && caller.parent != nullptr;
    child.set_parent_locked(same_parent ? *caller.parent : caller);
    child.parent_thread = same_parent ? caller.parent_thread : current_user_thread().id();
    if (same_parent)
        child.exit_signal = caller.exit_signal;
    child.group = caller.group;
    child.session = caller.session;
    child.terminal.store(caller.terminal.load());
}

void store_ids(AddressSpace& memory, u32 id, const CloneRequest& request)
{
    // As in Linux a bad pointer here does not undo the child.
    if (request.has(clone_flag::set_parent_id))
        static_cast<void>(user::store(request.parent_id, id));
    if (request.has(clone_flag::set_child_id))
        static_cast<void>(memory.write_bytes(request.child_id.address(), std::as_bytes(std::span(&id, 1))));
}

Result<u32> clone_thread(Process& process, const CloneRequest& request, const arch::UserRegisters& registers)
{
    auto made = TRY(make_thread(process, request, registers));
    UserThread& thread = *made.thread;
    TRY(thread_groups::join(thread));
    const u32 id = thread.id();
    store_ids(*process.memory, id, request);
    start(std::move(made));
    return id;
}

Result<u32> clone_process(Process& parent, const CloneRequest& request, const arch::UserRegisters& registers)
{
    auto child = TRY(Process::create());
    TRY(copy_resources(parent, *child, request));
    auto made = TRY(make_thread(*child, request, registers));
    child->leader = made.thread;
    TRY(process_table::insert(*child));  // complete: others may look at it from here on
    store_ids(*child->memory, child->id, request);
    enter_family(parent, *child, request);
    const u32 id = child->id;
    start(std::move(made));
    if (request.has(clone_flag::wait_for_exec))
        static_cast<void>(child->left_parents_memory.wait(Interruptible::killable));
    return id;
}

// The last eighth of all threads is root's.
Result<> require_room_for_thread(const Process& process)
{
    const u32 most = memory_limits::max_threads();
    const bool privileged = capable(Capability::sys_resource);
    if (process_table::thread_count() >= (privileged ? most : most - most / 8))
        return fail(Errno::again);
    const u64 mine = ledger::current().used(ledger::Kind::kernel_stacks) / Thread::stack_size;
    if (!privileged && mine >= process.limits.values[ResourceLimits::processes].current)
        return fail(Errno::again);
    return memory_pressure::require_growth();
}

}  // namespace

Result<u32> clone(const CloneRequest& request, const arch::UserRegisters& registers)
{
    Process& caller = current_process();
    TRY(check_flags(request));
    TRY(require_room_for_thread(caller));
    return request.has(clone_flag::same_thread_group) ? clone_thread(caller, request, registers)
                                                      : clone_process(caller, request, registers);
}

}  // namespace tenon
