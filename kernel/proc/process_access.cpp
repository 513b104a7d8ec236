#include "kernel/proc/process_access.h"

#include "kernel/proc/signal_set.h"

namespace tenon::process_access {
namespace {

bool are_all(const Ids& ids, u32 id)
{
    return ids.real == id && ids.effective == id && ids.saved == id;
}

}  // namespace

bool may_signal(const Process& target, int number)
{
    const Process& sender = current_process();
    if (&sender == &target)
        return true;
    const Credentials& from = current_credentials();
    const auto to = target.share_credentials();
    const auto is_target = [&](u32 id) { return id == to->user.real || id == to->user.saved; };
    const bool continues_own = number == signal_number::continue_ && sender.session == target.session;
    return is_target(from.user.effective) || is_target(from.user.real) || continues_own || from.has(Capability::kill);
}

bool may_schedule(const Process& target)
{
    const u32 user = current_credentials().user.effective;
    const auto to = target.share_credentials();
    return user == to->user.effective || user == to->user.real || capable(Capability::sys_nice);
}

bool may_limit(const Process& target)
{
    const Credentials& who = current_credentials();
    const auto to = target.share_credentials();
    return &target == &current_process() || (are_all(to->user, who.user.real) && are_all(to->group, who.group.real)) ||
           who.has(Capability::sys_resource);
}

bool may_inspect(const Process& target)
{
    const auto memory = target.share_memory();
    return may_inspect(target, memory.get());
}

// execve gives the process its new credentials before its new memory, and what changes credentials forbids looking into the memory first:
// as long as the process has the same memory, and that is to be looked into, these credentials are those of the same program.
bool may_inspect(const Process& target, const AddressSpace* memory)
{
    const Credentials& who = current_credentials();
    if (&target == &current_process() || who.has(Capability::sys_ptrace))
        return true;
    const auto to = target.share_credentials();
    return are_all(to->user, who.user.file) && are_all(to->group, who.group.file) && who.permitted.contains(to->permitted) &&
           memory != nullptr && memory->is_dumpable() && target.share_memory().get() == memory;
}

Owner owner_of_files(const Process& process, u32 mode)
{
    // What everybody may list shows the true owner: ps reads it.
    constexpr u32 listed = mode::directory | 0555;
    const auto memory = process.share_memory();
    if (mode != listed && (!memory || !memory->is_dumpable()))
        return {};
    const auto who = process.share_credentials();
    return {.uid = who->user.effective, .gid = who->group.effective};
}

}  // namespace tenon::process_access
