#include "kernel/log/ring.h"

#include "kernel/log/record_ring.h"
#include <tenon/time.h>

namespace tenon::log {

namespace {

constinit Spinlock lock;
constinit Ring ring;  // protected by lock
WaitQueue arrival_queue;
u64 announced = 0;    // written by the boot CPU's tick only

}  // namespace

void append(Severity severity, std::string_view component, std::string_view text)
{
    const u64 now = monotonic_now();
    LockGuard guard(lock);
    ring.append(severity, component, text, now);
}

Cursor Cursor::at_end()
{
    Cursor cursor;
    LockGuard guard(lock);
    ring.move_to_end(cursor);
    return cursor;
}

std::optional<Record> next(Cursor& cursor)
{
    std::optional<Record> record(std::in_place);
    LockGuard guard(lock);
    if (!ring.read(cursor, *record))
        record.reset();
    return record;
}

std::optional<Record> next_in_panic(Cursor& cursor)
{
    return lock.is_held_by_this_cpu() ? std::nullopt : next(cursor);
}

WaitQueue& arrivals()
{
    return arrival_queue;
}

void notify_readers()
{
    u64 end;
    {
        LockGuard guard(lock);
        end = ring.end();
    }
    if (end == announced)
        return;
    announced = end;
    arrivals().wake_all();
}

}  // namespace tenon::log
