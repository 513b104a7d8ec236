#include <atomic>

#include "kernel/log/ring.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/system.h"

// syslog(2): the log as dmesg and klogd read it.

namespace tenon::syscall {

namespace {

enum class Action : int {
    close = 0,
    open = 1,
    read = 2,
    read_all = 3,
    read_clear = 4,
    clear = 5,
    console_off = 6,
    console_on = 7,
    console_level = 8,
    size_unread = 9,
    size_buffer = 10,
};

constexpr int quiet_level = 1;
constexpr int usual_level = 7;

// Where the destructive reader (Action::read) is, and what `dmesg -c` has hidden.
std::atomic<log::Cursor> read_position{};
std::atomic<log::Cursor> cleared_position{};

using Line = FixedText<log::line_max + 40>;

// "<6>[    0.123456] component: text\n"
void format_line(Line& line, const log::Record& record)
{
    line.clear();
    line.format("<{}>{}", record.severity, log::console_line(record).view());
}

struct Room {
    UserAddr start;
    u64 size;
    u64 used = 0;

    bool fits(std::string_view text) const { return text.size() <= size - used; }
    Result<> put(std::string_view text)
    {
        TRY(user::copy_to(start + used, std::as_bytes(std::span(text))));
        used += text.size();
        return {};
    }
};

// The newest lines that fit, oldest first, like Linux.
Result<u64> read_all(Room room, log::Cursor from)
{
    u64 total = 0;
    Line line;
    log::Cursor cursor = from;
    while (const auto record = log::next(cursor)) {
        TRY(resched_point());
        format_line(line, *record);
        total += line.size();
    }
    cursor = from;
    while (const auto record = log::next(cursor)) {
        TRY(resched_point());
        format_line(line, *record);
        if (total > room.size) {
            total -= line.size();
            continue;
        }
        if (!room.fits(line.view()))
            break;
        TRY(room.put(line.view()));
    }
    return room.used;
}

Result<u64> unread_size(log::Cursor cursor)
{
    u64 size = 0;
    Line line;
    while (const auto record = log::next(cursor)) {
        TRY(resched_point());
        format_line(line, *record);
        size += line.size();
    }
    return size;
}

// Waits for something to read, then takes whole lines.
Result<u64> read_new(Room room)
{
    const auto waited = log::arrivals().wait_until(Interruptible::yes, [] {
        const log::Cursor end = log::Cursor::at_end();
        return !read_position.load().at_or_after(end);
    });
    if (!waited)
        return fail(Errno::restart);
    Line line;
    while (resched_point()) {
        log::Cursor before = read_position.load();
        log::Cursor after = before;
        const auto record = log::next(after);
        if (!record)
            break;
        format_line(line, *record);
        if (!room.fits(line.view()))
            break;
        // Each line goes to one reader. No lock is held over a page fault: who cannot store his line gives it back, if he still can.
        if (!read_position.compare_exchange_strong(before, after))
            continue;
        if (const auto stored = room.put(line.view()); !stored) {
            read_position.compare_exchange_strong(after, before);
            return room.used != 0 ? Result<u64>(room.used) : fail(stored.error());
        }
    }
    return room.used;
}

Result<u64> set_console_level(int level)
{
    if (level < 1 || level > 8)
        return fail(Errno::inval);
    log::set_console_level(level);
    return 0;
}

}  // namespace

Result<u64> sys_syslog(const Arguments& arguments)
{
    // The log names addresses and what others do: reading it is a right, as with Linux's dmesg_restrict.
    TRY(require(Capability::syslog));
    const auto action = static_cast<Action>(arguments.as_int(0));
    const bool is_read = action == Action::read || action == Action::read_all || action == Action::read_clear;
    if (is_read && (arguments[1] == 0 || arguments.as_int(2) < 0))
        return fail(Errno::inval);
    const Room room{.start = arguments.address(1), .size = is_read ? arguments.as_u32(2) : u64{0}};
    switch (action) {
    case Action::close:
    case Action::open: return 0;
    case Action::read: return read_new(room);
    case Action::read_all: return read_all(room, cleared_position.load());
    case Action::read_clear: {
        const u64 size = TRY(read_all(room, cleared_position.load()));
        cleared_position.store(log::Cursor::at_end());
        return size;
    }
    case Action::clear: cleared_position.store(log::Cursor::at_end()); return 0;
    case Action::console_off: return set_console_level(quiet_level);
    case Action::console_on: return set_console_level(usual_level);
    case Action::console_level: return set_console_level(arguments.as_int(2));
    case Action::size_unread: return unread_size(read_position.load());
    case Action::size_buffer: return log::ring_size;
    }
    return fail(Errno::inval);
}

}  // namespace tenon::syscall
