#include "kernel/syscall/process.h"

#include "kernel/mm/user_access.h"
#include "kernel/proc/process_groups.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/signal_set.h"
#include "kernel/syscall/identity.h"

// Processes: programs, groups, names.

namespace tenon::syscall {

namespace {

// Operations of prctl(2).
constexpr int set_parent_death_signal = 1;
constexpr int get_parent_death_signal = 2;
constexpr int set_name = 15;
constexpr int get_name = 16;
constexpr int set_timer_slack = 29;
constexpr int get_timer_slack = 30;
constexpr int set_subreaper = 36;
constexpr int get_subreaper = 37;
constexpr usize name_size = 16;

Result<Ref<Process>> process_or_caller(u32 id)
{
    if (id == 0)
        return Ref<Process>(&current_process());
    auto process = process_table::find(id);
    if (!process)
        return fail(Errno::srch);
    return process;
}

Result<u64> change_parent_death_signal(u64 number)
{
    if (number > static_cast<u64>(signal_number::count))
        return fail(Errno::inval);
    LockGuard guard(process_table::lock);
    current_process().parent_death_signal = static_cast<int>(number);
    return 0;
}

Result<u64> change_timer_slack(u64 nanoseconds)
{
    UserThread& thread = current_user_thread();
    thread.timer_slack = static_cast<i64>(nanoseconds) <= 0 ? thread.usual_timer_slack : nanoseconds;
    return 0;
}

void change_name(UserThread& thread, std::string_view name)
{
    // Other threads of the process change it, too (/proc/PID/task/TID/comm).
    LockGuard guard(process_table::lock);
    thread.set_name(name);
}

Result<u64> change_subreaper(bool wanted)
{
    LockGuard guard(process_table::lock);
    current_process().is_subreaper = wanted;
    return 0;
}

}  // namespace

Result<u64> sys_getpid(const Arguments&)
{
    return current_process().id;
}

Result<u64> sys_getppid(const Arguments&)
{
    // One word that always names a process or nothing: no lock needed to read an id.
    return current_process().parent_id.load(std::memory_order_relaxed);
}

Result<u64> sys_setpgid(const Arguments& arguments)
{
    if (arguments.as_int(0) < 0 || arguments.as_int(1) < 0)
        return fail(Errno::inval);
    TRY(process_groups::set_group(current_process(), arguments.as_u32(0), arguments.as_u32(1)));
    return 0;
}

Result<u64> sys_getpgid(const Arguments& arguments)
{
    return TRY(process_or_caller(arguments.as_u32(0)))->group;
}

Result<u64> sys_getsid(const Arguments& arguments)
{
    return TRY(process_or_caller(arguments.as_u32(0)))->session;
}

Result<u64> sys_setsid(const Arguments&)
{
    return TRY(process_groups::start_session(current_process()));
}

Result<u64> sys_umask(const Arguments& arguments)
{
    return current_process().file_system->umask.exchange(arguments.as_u32(0) & 0777);
}

Result<u64> sys_prctl(const Arguments& arguments)
{
    char name[name_size] = {};
    switch (arguments.as_int(0)) {
    case set_name: {
        TRY(user::copy_string_start(name, arguments.pointer<const char>(1)));
        change_name(current_user_thread(), name);
        return 0;
    }
    case get_name:
        current_user_thread().name().copy(name, name_size - 1);
        TRY(user::copy_to(arguments.address(1), std::as_bytes(std::span(name))));
        return 0;
    case set_parent_death_signal: return change_parent_death_signal(arguments[1]);
    case get_parent_death_signal:
        TRY(user::store(arguments.pointer<int>(1), current_process().parent_death_signal));
        return 0;
    case set_timer_slack: return change_timer_slack(arguments[1]);
    case get_timer_slack: return current_user_thread().timer_slack;
    case set_subreaper: return change_subreaper(arguments[1] != 0);
    case get_subreaper: TRY(user::store(arguments.pointer<int>(1), current_process().is_subreaper ? 1 : 0)); return 0;
    default: return control_credentials(arguments).value_or(fail(Errno::inval));
    }
}

}  // namespace tenon::syscall
