#include "kernel/syscall/time.h"

#include "kernel/mm/user_access.h"
#include "kernel/proc/process.h"
#include "kernel/proc/process_timers.h"
#include "kernel/proc/resource_usage.h"
#include "kernel/syscall/clock_id.h"
#include "kernel/syscall/thread.h"
#include "kernel/syscall/time_values.h"
#include "kernel/thread/deadline.h"
#include "kernel/time/clock.h"
#include <tenon/time.h>

namespace tenon::syscall {

namespace {

// A sleep ends early only for a handler; a stop continues it (restart_syscall) at the same deadline.
Result<u64> sleep_until(const Deadline& deadline, UserPtr<TimeSpec> remaining)
{
    WaitQueue nobody;
    const Result<> slept = wait_until(nobody, Interruptible::yes, deadline, [] { return false; });
    if (!slept && slept.error() == Errno::timedout)
        return 0;
    const u64 now = monotonic_now();
    if (!remaining.is_null())
        TRY(user::store(remaining, to_time_spec(deadline.time > now ? deadline.time - now : 0)));
    current_user_thread().interrupted_call = InterruptedSleep{.deadline = deadline, .remaining = remaining.address()};
    return fail(Errno::restart_block);
}

// What waits for a point of real time follows.
void set_realtime(u64 now)
{
    clock::set_realtime(now);
    RealtimeWait::wake_all();
    ProcessTimers::realtime_was_set();
}

}  // namespace

Result<u64> sys_nanosleep(const Arguments& arguments)
{
    const u64 duration = TRY(load_time(arguments.pointer<TimeSpec>(0)));
    return sleep_until({.time = deadline_after(duration)}, arguments.pointer<TimeSpec>(1));
}

Result<u64> sys_clock_nanosleep(const Arguments& arguments)
{
    constexpr u32 absolute = 1;
    const auto clock = TRY(find_clock(arguments.as_u32(0)));
    const bool is_realtime = clock.kind == ClockId::Kind::realtime;
    if (!clock.has_timers || (!is_realtime && clock.kind != ClockId::Kind::monotonic))
        return fail(Errno::inval);
    const u64 time = TRY(load_time(arguments.pointer<TimeSpec>(2)));
    if ((arguments.as_u32(1) & absolute) == 0)
        return sleep_until({.time = deadline_after(time)}, arguments.pointer<TimeSpec>(3));
    const auto kind = is_realtime ? Deadline::Clock::realtime : Deadline::Clock::monotonic;
    return sleep_until({.time = time, .clock = kind}, UserPtr<TimeSpec>());
}

Result<u64> sys_restart_syscall(const Arguments&)
{
    const InterruptedCall call = std::exchange(current_user_thread().interrupted_call, {});
    if (const auto* sleep = std::get_if<InterruptedSleep>(&call))
        return sleep_until(sleep->deadline, UserPtr<TimeSpec>(sleep->remaining));
    if (const auto* wait = std::get_if<futexes::WaitRequest>(&call))
        return wait_for_futex(*wait);
    return fail(Errno::intr);
}

Result<u64> sys_clock_gettime(const Arguments& arguments)
{
    const auto clock = TRY(find_clock(arguments.as_u32(0)));
    const u64 now = TRY(read_clock(clock));
    TRY(user::store(arguments.pointer<TimeSpec>(1), to_time_spec(now)));
    return 0;
}

Result<u64> sys_clock_getres(const Arguments& arguments)
{
    const auto clock = TRY(find_clock(arguments.as_u32(0)));
    TRY(read_clock(clock));
    if (arguments[1] != 0)
        TRY(user::store(arguments.pointer<TimeSpec>(1), {.seconds = 0, .nanoseconds = 1}));
    return 0;
}

Result<u64> sys_clock_settime(const Arguments& arguments)
{
    constexpr u32 realtime = 0;
    if (arguments.as_u32(0) != realtime)
        return fail(Errno::inval);
    TRY(require(Capability::sys_time));
    const u64 time = TRY(load_time(arguments.pointer<TimeSpec>(1)));
    set_realtime(time);
    return 0;
}

Result<u64> sys_gettimeofday(const Arguments& arguments)
{
    if (arguments[0] != 0)
        TRY(user::store(arguments.pointer<TimeValue>(0), to_time_value(realtime_now())));
    if (arguments[1] != 0)
        TRY(user::store(arguments.pointer<u64>(1), 0));  // no time zone
    return 0;
}

Result<u64> sys_settimeofday(const Arguments& arguments)
{
    TRY(require(Capability::sys_time));
    if (arguments[0] == 0)
        return 0;
    const TimeValue value = TRY(user::load(arguments.pointer<TimeValue>(0)));
    const auto time = TRY(from_time_value(value));
    set_realtime(time);
    return 0;
}

Result<u64> sys_times(const Arguments& arguments)
{
    const Process& process = current_process();
    const Process::Times own = process.times();
    if (arguments[0] != 0) {
        const std::array<u64, 4> ticks{clock_ticks(own.user), clock_ticks(own.system),
                                       clock_ticks(process.children_times.user), clock_ticks(process.children_times.system)};
        TRY(user::store(UserPtr<std::array<u64, 4>>(arguments[0]), ticks));
    }
    return monotonic_now() / 10'000'000;
}

}  // namespace tenon::syscall
