#include "kernel/dev/tty/terminal.h"

#include <algorithm>

#include "kernel/arch.h"
#include "kernel/fs/open_file.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"
#include <tenon/time.h>

namespace tenon {

// What a batch of received characters causes. Signals are kept until the terminal's lock is released.
class Terminal::Effects final : public TerminalEffects {
public:
    explicit Effects(Terminal& terminal) : terminal_(terminal) {}

    // Echo that finds no room is lost: an interrupt handler cannot wait.
    void echo(std::string_view text) override { terminal_.port_.transmit(text); }
    void signal(int number) override { signals_.add(number); }
    void set_output_stopped(bool stopped) override
    {
        terminal_.output_stopped_.store(stopped, std::memory_order_release);
    }

    void send_signals()
    {
        const u32 group = terminal_.foreground_group();
        while (!signals_.is_empty()) {
            const int number = signals_.lowest();
            signals_.remove(number);
            if (group != 0)
                static_cast<void>(signals::send_to_group(group, SignalInfo::kernel(number)));
        }
    }

private:
    Terminal& terminal_;
    SignalSet signals_;
};

void Terminal::receive(std::span<const char> characters)
{
    Effects effects(*this);
    {
        LockGuard guard(lock_);
        for (const char character : characters)
            discipline_.receive(character, effects);
    }
    effects.send_signals();
    readers_.wake_all();
}

bool Terminal::is_background(const Process& process) const
{
    return process.terminal.load() == this && process.group != foreground_group();
}

Result<> Terminal::check_background_read() const
{
    if (is_background(current_process()))
        return fail(signals::stop_background(signal_number::terminal_input));
    return {};
}

Result<> Terminal::check_background_write(bool always) const
{
    if (!is_background(current_process()))
        return {};
    const bool stops = always || [&] {
        LockGuard guard(lock_);
        return (discipline_.settings().local & termios::stop_background_output) != 0;
    }();
    if (!stops)
        return {};
    // A process that ignores or blocks SIGTTOU may write.
    const Errno error = signals::stop_background(signal_number::terminal_output);
    return error == Errno::io ? Result<>() : fail(error);
}

std::optional<usize> Terminal::take(std::span<std::byte> out)
{
    LockGuard guard(lock_);
    if (!discipline_.has_input(1))
        return std::nullopt;
    return discipline_.read({reinterpret_cast<char*>(out.data()), out.size()});
}

bool Terminal::reads_without_input() const
{
    LockGuard guard(lock_);
    const Termios& settings = discipline_.settings();
    return (settings.local & termios::canonical) == 0 && settings.characters[termios::minimum] == 0;
}

bool Terminal::has_input(usize minimum) const
{
    LockGuard guard(lock_);
    return discipline_.has_input(minimum);
}

// Waits as VMIN and VTIME say (POSIX.1 Base Definitions 11.1.7). Nothing may have come when the time is over.
Result<> Terminal::wait_for_input(usize size)
{
    constexpr u64 time_unit = nanoseconds_per_second / 10;
    const Termios settings = [&] {
        LockGuard guard(lock_);
        return discipline_.settings();
    }();
    const auto wait_for = [&](usize minimum, u64 time) {
        const u64 deadline = time != 0 ? monotonic_now() + time * time_unit : WaitQueue::no_deadline;
        auto waited = readers_.wait_until_deadline(Interruptible::yes, deadline, [&] { return has_input(minimum); });
        return !waited && waited.error() == Errno::timedout ? Result<>() : waited;
    };
    if ((settings.local & termios::canonical) != 0)
        return wait_for(1, 0);
    const usize minimum = std::min<usize>(settings.characters[termios::minimum], size);
    const u64 time = settings.characters[termios::time];
    if (minimum == 0)
        return time != 0 ? wait_for(1, time) : Result<>();
    if (time == 0)
        return wait_for(minimum, 0);
    for (usize wanted = 1; wanted <= minimum; ++wanted) {
        TRY(wait_for(wanted, wanted == 1 ? 0 : time));
        if (!has_input(wanted))
            break;
    }
    return {};
}

Result<usize> Terminal::read(std::span<std::byte> out, u32 flags)
{
    TRY(check_background_read());
    if (out.empty())
        return usize{0};
    const bool may_block = (flags & open_flag::nonblock) == 0;
    for (;;) {
        if (may_block) {
            TRY(wait_for_input(out.size()));
            TRY(check_background_read());
        }
        if (const auto taken = take(out))
            return *taken;
        if (!may_block)
            return fail(Errno::again);
        if (reads_without_input())
            return usize{0};
        // Another reader was faster: an empty result would be an end of file.
    }
}

// Only the stop character makes this wait, for as long as the user likes.
Result<> Terminal::wait_for_output_allowed()
{
    const auto allowed = [&] { return !output_stopped_.load(std::memory_order_acquire); };
    return allowed() ? Result<>() : readers_.wait_until(Interruptible::yes, allowed);
}

// Returns when all of it is queued: soon, unless what is at the other end of the line takes nothing.
Result<> Terminal::transmit(std::string_view text)
{
    while (!text.empty()) {
        text.remove_prefix(port_.transmit(text));
        if (!text.empty())
            TRY(port_.transmit_events().wait_until(Interruptible::killable, [&] { return port_.has_room(); }));
    }
    return {};
}

// How much was written before the output was stopped or a signal came.
Result<usize> Terminal::write_until_stopped(std::string_view text)
{
    constexpr usize piece_size = 128;
    const auto one_writer = TRY(KillableLockGuard::take(output_mutex_));
    usize done = 0;
    while (done < text.size() && !output_stopped_.load(std::memory_order_acquire)) {
        if (done != 0 && !signal_point())
            break;
        const std::string_view piece = text.substr(done, piece_size);
        FixedText<2 * piece_size> processed;
        {
            LockGuard guard(lock_);
            discipline_.process_output(piece, processed);
        }
        TRY(transmit(processed.view()));
        done += piece.size();
    }
    return done;
}

Result<usize> Terminal::write(std::span<const std::byte> data, u32 flags)
{
    TRY(check_background_write(false));
    const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
    usize done = 0;
    while (done < text.size()) {
        const bool stopped = output_stopped_.load(std::memory_order_acquire);
        if (stopped && (flags & open_flag::nonblock) != 0)
            return done != 0 ? Result<usize>(done) : fail(Errno::again);
        const auto allowed = wait_for_output_allowed();
        const auto written = allowed ? write_until_stopped(text.substr(done)) : fail(allowed.error());
        if (!written)
            return done != 0 ? Result<usize>(done) : written;
        done += *written;
        if (done != 0 && arch::current_thread().signal_pending.load())
            break;
    }
    return done;
}

// The port does not announce the end of the last character, so that is looked for in steps.
Result<> Terminal::drain()
{
    constexpr u64 step = 1'000'000;
    constexpr int most_steps = 1000;
    for (int i = 0; i < most_steps && !port_.is_idle(); ++i) {
        const auto waited = port_.transmit_events().wait_until_deadline(Interruptible::yes, monotonic_now() + step,
                                                                        [&] { return port_.is_idle(); });
        if (!waited && waited.error() != Errno::timedout)
            return waited;
    }
    return {};
}

u32 Terminal::poll(PollTable& table)
{
    table.add(readers_);
    table.add(port_.transmit_events());
    return (has_input(1) ? poll_event::in : 0) | (port_.has_room() ? poll_event::out : 0);
}

}  // namespace tenon
