#include "kernel/proc/process_groups.h"

#include "kernel/proc/process_table.h"
#include "kernel/proc/signal.h"

namespace tenon::process_groups {

Result<> set_group(Process& caller, u32 id, u32 group)
{
    LockGuard guard(process_table::lock);
    Process* process = id == 0 ? &caller : process_table::find_locked(id);
    if (process == nullptr || (process != &caller && process->parent != &caller))
        return fail(Errno::srch);
    const u32 wanted = group == 0 ? process->id : group;
    if (process != &caller && process->session != caller.session)
        return fail(Errno::perm);
    if (process != &caller && process->has_executed)
        return fail(Errno::acces);
    if (process->session == process->id)
        return fail(Errno::perm);
    if (wanted != process->id && !process_table::group_exists_locked(wanted, caller.session))
        return fail(Errno::perm);
    process->group = wanted;
    return {};
}

Result<u32> start_session(Process& caller)
{
    LockGuard guard(process_table::lock);
    if (process_table::find_if_locked([&](const Process& other) { return other.group == caller.id; }) != nullptr)
        return fail(Errno::perm);
    caller.session = caller.id;
    caller.group = caller.id;
    caller.terminal.store(nullptr);
    return caller.id;
}

bool is_orphaned_locked(u32 group, u32 session, const Process* leaving)
{
    const auto ties_to_session = [&](const Process& member) {
        if (member.group != group || &member == leaving || member.state == Process::State::zombie)
            return false;
        const Process* parent = member.parent;
        const bool has_parent = parent != nullptr && parent->id != 1 && parent != leaving;
        return has_parent && parent->group != group && parent->session == session;
    };
    return process_table::find_if_locked(ties_to_session) == nullptr;
}

namespace {

bool has_stopped_member_locked(u32 group)
{
    const auto is_stopped = [&](const Process& member) {
        return member.group == group && member.state == Process::State::stopped;
    };
    return process_table::find_if_locked(is_stopped) != nullptr;
}

void release_group_locked(u32 group)
{
    process_table::for_each_locked([&](Process& member) {
        if (member.group != group)
            return;
        signals::send_locked(member, SignalInfo::kernel(signal_number::hang_up));
        signals::send_locked(member, SignalInfo::kernel(signal_number::continue_));
    });
}

void release_if_orphaned_locked(u32 group, u32 session, Process& leaving)
{
    if (has_stopped_member_locked(group) && is_orphaned_locked(group, session, &leaving))
        release_group_locked(group);
}

}  // namespace

void release_orphans_locked(Process& leaving)
{
    const Process* parent = leaving.parent;
    if (parent != nullptr && parent->group != leaving.group && parent->session == leaving.session)
        release_if_orphaned_locked(leaving.group, leaving.session, leaving);
    for (Process& child : leaving.children)
        if (child.session == leaving.session && child.group != leaving.group)
            release_if_orphaned_locked(child.group, child.session, leaving);
}

}  // namespace tenon::process_groups
