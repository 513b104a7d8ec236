#include "kernel/dev/tty/terminal.h"
#include "kernel/fs/open_file.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/credentials.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"

// The ioctl calls of terminals (tty_ioctl(2)).

namespace tenon {

Result<> Terminal::set_attributes(u32 request, u64 argument)
{
    TRY(check_background_write(true));
    const Termios settings = TRY(user::load(UserPtr<Termios>(argument)));
    if (request != tty_ioctl::set_attributes)
        TRY(drain());
    {
        LockGuard guard(lock_);
        if (request == tty_ioctl::set_attributes_flush)
            discipline_.flush_input();
        discipline_.set_settings(settings);
    }
    readers_.wake_all();
    return {};
}

// The queued output is never thrown away: it leaves soon.
Result<> Terminal::flush(u64 queue)
{
    enum Queue : u64 { input, output, both };
    if (queue > both)
        return fail(Errno::inval);
    TRY(check_background_write(true));
    if (queue != output) {
        LockGuard guard(lock_);
        discipline_.flush_input();
    }
    return {};
}

// Whose output stands still is for the terminal's own session to say: others need a right, or one user could hold another's programs.
Result<> Terminal::require_flow_right() const
{
    if (current_process().terminal.load() != this)
        TRY(require(Capability::sys_tty_config));
    return check_background_write(true);
}

Result<> Terminal::control_flow(u64 action)
{
    TRY(require_flow_right());
    enum Action : u64 { stop_output, restart_output, send_stop, send_start };
    switch (action) {
    case stop_output:
    case restart_output:
        output_stopped_.store(action == stop_output, std::memory_order_release);
        readers_.wake_all();
        return {};
    case send_stop: return transmit("\x13");
    case send_start: return transmit("\x11");
    default: return fail(Errno::inval);
    }
}

Result<i64> Terminal::ioctl(u32 request, u64 argument)
{
    switch (request) {
    case tty_ioctl::get_attributes: {
        const Termios settings = [&] {
            LockGuard guard(lock_);
            return discipline_.settings();
        }();
        TRY(user::store(UserPtr<Termios>(argument), settings));
        return 0;
    }
    case tty_ioctl::set_attributes:
    case tty_ioctl::set_attributes_drain:
    case tty_ioctl::set_attributes_flush: TRY(set_attributes(request, argument)); return 0;
    case tty_ioctl::send_break: TRY(drain()); return 0;
    case tty_ioctl::flow_control: TRY(control_flow(argument)); return 0;
    case tty_ioctl::flush: TRY(flush(argument)); return 0;
    case tty_ioctl::get_window_size: {
        const WindowSize size = [&] {
            LockGuard guard(lock_);
            return window_;
        }();
        TRY(user::store(UserPtr<WindowSize>(argument), size));
        return 0;
    }
    case tty_ioctl::set_window_size: {
        const WindowSize size = TRY(user::load(UserPtr<WindowSize>(argument)));
        {
            LockGuard guard(lock_);
            window_ = size;
        }
        if (const u32 group = foreground_group(); group != 0)
            static_cast<void>(signals::send_to_group(group, SignalInfo::kernel(signal_number::window_change)));
        return 0;
    }
    case tty_ioctl::input_queued: {
        const usize count = [&] {
            LockGuard guard(lock_);
            return discipline_.queued();
        }();
        TRY(user::store(UserPtr<int>(argument), static_cast<int>(count)));
        return 0;
    }
    case tty_ioctl::output_queued: TRY(user::store(UserPtr<int>(argument), 0)); return 0;
    default: return session_ioctl(request, argument);
    }
}

}  // namespace tenon
