#include "kernel/proc/fork.h"

#include <memory>

#include "kernel/mm/ledger.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/scheduler.h"
#include "kernel/proc/signal.h"

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

Result<> copy_resources(const Process& parent, Process& child, const CloneRequest& request)
{
    child.memory = parent.memory;
    if ((request.flags & clone_flag::share_memory) == 0)
        child.memory = TRY(parent.memory->clone());
    child.files = parent.files;
    if ((request.flags & clone_flag::share_files) == 0)
        child.files = TRY(parent.files->clone());
    child.signals = TRY(parent.signals->clone());
    if ((request.flags & clone_flag::share_memory) != 0 && (request.flags & clone_flag::wait_for_exec) == 0)
        child.signals->alternate_stack = {};
    child.working_directory = parent.working_directory;
    child.root_directory = parent.root_directory;
    child.executable = parent.executable;
    child.limits = parent.limits;
    child.umask = parent.umask.load();
    child.arguments_start = parent.arguments_start;
    child.arguments_end = parent.arguments_end;
    child.environment_start = parent.environment_start;
    child.environment_end = parent.environment_end;
    child.exit_signal = static_cast<int>(request.flags & clone_flag::exit_signal_mask);
    return {};
}

// The last eighth of all processes is root's.
Result<> require_room_for_thread(const Process& parent)
{
    const u32 most = memory_limits::max_processes();
    const bool privileged = capable(Capability::sys_resource);
    if (process_table::count() >= (privileged ? most : most - most / 8))
        return fail(Errno::again);
    const u64 mine = ledger::current().used(ledger::Kind::kernel_stacks) / Thread::stack_size;
    if (!privileged && mine >= parent.limits.values[ResourceLimits::processes].current)
        return fail(Errno::again);
    return {};
}

using StartRegisters = std::unique_ptr<arch::UserRegisters>;

// The registers are the thread's own from the moment it is started.
Result<StartRegisters> make_thread(Process& child, const CloneRequest& request, const arch::UserRegisters& registers)
{
    StartRegisters start(new (std::nothrow) arch::UserRegisters(registers));
    if (!start)
        return fail(Errno::nomem);
    start->x[0] = 0;
    start->system_call_number = ~u64{0};
    if (request.stack.value() != 0)
        start->sp = request.stack.value();
    child.thread = TRY(Thread::create(arch::current_thread().name(), run_child, start.get(), &child));
    child.thread->set_credentials(arch::current_thread().share_credentials());
    arch::save_user_state(child.thread->context);
    if ((request.flags & clone_flag::set_tls) != 0)
        arch::set_thread_pointer(child.thread->context, request.tls);
    return start;
}

// Relations are inherited at the moment the child becomes visible.
void enter_family(Process& parent, Process& child)
{
    LockGuard guard(process_table::lock);
    child.set_parent_locked(parent);
    child.group = parent.group;
    child.session = parent.session;
    child.terminal.store(parent.terminal.load());
}

void store_ids(const Process& child, const CloneRequest& request)
{
    // As in Linux a bad pointer here does not undo the child.
    if ((request.flags & clone_flag::set_parent_id) != 0)
        static_cast<void>(user::store(request.parent_id, child.id));
    if ((request.flags & clone_flag::set_child_id) != 0) {
        const u32 id = child.id;
        static_cast<void>(child.memory->write_bytes(request.child_id.address(), std::as_bytes(std::span(&id, 1))));
    }
}

}  // namespace

Result<u32> clone_process(Process& parent, const CloneRequest& request, const arch::UserRegisters& registers)
{
    if ((request.flags & ~clone_flag::known) != 0 ||
        (request.flags & clone_flag::exit_signal_mask) > static_cast<u64>(signal_number::count))
        return fail(Errno::inval);
    TRY(require_room_for_thread(parent));
    TRY(memory_limits::require_growth());
    auto child = TRY(Process::create());
    TRY(copy_resources(parent, *child, request));
    auto start = TRY(make_thread(*child, request, registers));
    TRY(process_table::insert(*child));  // complete: others may look at it from here on
    store_ids(*child, request);
    enter_family(parent, *child);
    const u32 id = child->id;
    static_cast<void>(start.release());
    scheduler::start_thread(*child->thread);
    if ((request.flags & clone_flag::wait_for_exec) != 0)
        static_cast<void>(child->left_parents_memory.wait(Interruptible::killable));
    return id;
}

}  // namespace tenon
