#include "kernel/dev/tty/terminal.h"
#include "kernel/fs/open_file.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/signal.h"

// Controlling terminals: which session a terminal belongs to and which of its groups is in front (POSIX.1 Base
// Definitions 11.1.3 and 11.1.4).

namespace tenon {

Result<> Terminal::take_as_controlling(bool steal)
{
    Process& process = current_process();
    LockGuard guard(process_table::lock);
    const bool is_leader = process.session == process.id;
    if (process.terminal.load() == this && is_leader && session_.load() == process.session)
        return {};
    if (!is_leader || process.terminal.load() != nullptr)
        return fail(Errno::perm);
    if (session_.load() != 0 && !(steal && capable(Capability::sys_admin)))
        return fail(Errno::perm);
    for (Process* other = process_table::next_locked(nullptr); other != nullptr; other = process_table::next_locked(other))
        if (other->terminal.load() == this)
            other->terminal.store(nullptr);
    process.terminal.store(this);
    session_.store(process.session);
    foreground_group_.store(process.group);
    return {};
}

void Terminal::take_at_open(u32 flags)
{
    if ((flags & open_flag::no_controlling_tty) == 0)
        static_cast<void>(take_as_controlling(false));
}

Result<> Terminal::set_foreground(u32 group)
{
    const Process& process = current_process();
    if (process.terminal.load() != this || process.session != session_.load())
        return fail(Errno::notty);
    TRY(check_background_write(true));
    LockGuard guard(process_table::lock);
    if (!process_table::group_exists_locked(group, process.session))
        return fail(Errno::perm);
    foreground_group_.store(group);
    return {};
}

void Terminal::leave_session(Process& leader)
{
    const u32 group = foreground_group();
    {
        LockGuard guard(process_table::lock);
        if (leader.terminal.load() != this || session_.load() != leader.session)
            return;
        for (Process* other = process_table::next_locked(nullptr); other != nullptr;
             other = process_table::next_locked(other))
            if (other->terminal.load() == this)
                other->terminal.store(nullptr);
        session_.store(0);
        foreground_group_.store(0);
    }
    if (group == 0)
        return;
    static_cast<void>(signals::send_to_group(group, SignalInfo::kernel(signal_number::hang_up)));
    static_cast<void>(signals::send_to_group(group, SignalInfo::kernel(signal_number::continue_)));
}

Result<> Terminal::give_up(Process& process)
{
    if (process.terminal.load() != this)
        return fail(Errno::notty);
    if (process.session == process.id)
        leave_session(process);
    else
        process.terminal.store(nullptr);
    return {};
}

Result<i64> Terminal::session_ioctl(u32 request, u64 argument)
{
    Process& process = current_process();
    const auto report = [&](u32 value) -> Result<i64> {
        if (process.terminal.load() != this)
            return fail(Errno::notty);
        TRY(user::store(UserPtr<u32>(argument), value));
        return 0;
    };
    switch (request) {
    case tty_ioctl::set_controlling: TRY(take_as_controlling(argument == 1)); return 0;
    case tty_ioctl::give_up_controlling: TRY(give_up(process)); return 0;
    case tty_ioctl::get_foreground_group: return report(foreground_group());
    case tty_ioctl::get_session: return report(session_.load());
    case tty_ioctl::set_foreground_group: {
        const u32 group = TRY(user::load(UserPtr<u32>(argument)));
        TRY(set_foreground(group));
        return 0;
    }
    default: return fail(Errno::notty);
    }
}

}  // namespace tenon
