#include "kernel/proc/process_groups.h"

#include <bitset>

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

namespace {

// Whether it has a parent in another group of the session, so that its group is no orphan.
bool ties_to_session(const Process& member, u32 session, const Process* leaving)
{
    if (&member == leaving || member.state == Process::State::zombie)
        return false;
    const Process* parent = member.parent;
    const bool has_parent = parent != nullptr && parent->id != 1 && parent != leaving;
    return has_parent && parent->group != member.group && parent->session == session;
}

}  // namespace

bool is_orphaned_locked(u32 group, u32 session, const Process* leaving)
{
    const auto ties = [&](const Process& member) { return member.group == group && ties_to_session(member, session, leaving); };
    return process_table::find_if_locked(ties) == nullptr;
}

namespace {

using Groups = std::bitset<process_table::max_id>;

// For release_orphans_locked; process_table::lock. Too large for a stack.
struct Review {
    Groups concerned;  // that the leaving process tied to the session
    Groups stopped;
    Groups tied;       // by another process
};
Review review;

void find_concerned_locked(const Process& leaving)
{
    const Process* parent = leaving.parent;
    if (parent != nullptr && parent->group != leaving.group && parent->session == leaving.session)
        review.concerned.set(leaving.group);
    for (const Process& child : leaving.children)
        if (child.session == leaving.session && child.group != leaving.group)
            review.concerned.set(child.group);
}

}  // namespace

// In time that grows with the number of processes, not with its square: the lock is held.
void release_orphans_locked(Process& leaving)
{
    review.concerned.reset();
    review.stopped.reset();
    review.tied.reset();
    find_concerned_locked(leaving);
    if (review.concerned.none())
        return;
    process_table::for_each_locked([&](const Process& member) {
        if (!review.concerned.test(member.group))
            return;
        if (member.state == Process::State::stopped)
            review.stopped.set(member.group);
        if (ties_to_session(member, leaving.session, &leaving))
            review.tied.set(member.group);
    });
    Groups& released = review.stopped;
    released &= review.tied.flip();
    if (released.none())
        return;
    process_table::for_each_locked([&](Process& member) {
        if (!released.test(member.group))
            return;
        signals::send_locked(member, SignalInfo::kernel(signal_number::hang_up));
        signals::send_locked(member, SignalInfo::kernel(signal_number::continue_));
    });
}

}  // namespace tenon::process_groups
