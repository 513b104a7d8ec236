#include "kernel/syscall/timer.h"

#include <algorithm>
#include <optional>

#include "kernel/mm/user_access.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/process_timers.h"
#include "kernel/proc/signal_set.h"
#include "kernel/syscall/clock_id.h"
#include "kernel/syscall/time_values.h"

// Timers that send signals.

namespace tenon::syscall {

namespace {

// struct itimerval.
struct IntervalTimer {
    TimeValue interval;
    TimeValue value;
};

// struct itimerspec.
struct TimerSpec {
    TimeSpec interval;
    TimeSpec value;
};

// struct sigevent.
struct SignalEvent {
    static constexpr i32 signal = 0;
    static constexpr i32 none = 1;
    static constexpr i32 thread_function = 2;  // a signal to the kernel; the C library does the rest
    static constexpr i32 signal_to_thread = 4;

    u64 value = 0;
    i32 number = signal_number::alarm;
    i32 notify = signal;
    u32 thread = 0;
    std::array<u32, 11> rest{};
};
static_assert(sizeof(SignalEvent) == 64);

IntervalTimer to_interval_timer(const TimerSetting& setting)
{
    return {.interval = to_time_value(setting.interval), .value = to_time_value(setting.remaining)};
}

TimerSpec to_timer_spec(const TimerSetting& setting)
{
    return {.interval = to_time_spec(setting.interval), .value = to_time_spec(setting.remaining)};
}

Result<ProcessTimers::Interval> interval_of(u64 number)
{
    if (number > static_cast<u64>(ProcessTimers::Interval::profile))
        return fail(Errno::inval);
    return static_cast<ProcessTimers::Interval>(number);
}

Result<ProcessTimer::Notice> notice_of(const SignalEvent& event)
{
    using To = ProcessTimer::Notice::To;
    if (event.notify == SignalEvent::none)
        return ProcessTimer::Notice{.to = To::nobody, .info = SignalInfo::kernel(0)};
    const bool to_thread = event.notify == SignalEvent::signal_to_thread;
    if (!to_thread && event.notify != SignalEvent::signal && event.notify != SignalEvent::thread_function)
        return fail(Errno::inval);
    if (event.number < 1 || event.number > signal_number::count)
        return fail(Errno::inval);
    if (to_thread && process_table::find_thread(event.thread).process.get() != &current_process())
        return fail(Errno::inval);
    SignalInfo info = SignalInfo::kernel(event.number);
    info.fields[1] = event.value;
    return ProcessTimer::Notice{.to = to_thread ? To::thread : To::process, .info = info, .thread = to_thread ? event.thread : 0};
}

// Processor-time clocks of others have no timers here.
Result<ProcessTimer::Counted> counted_by(const ClockId& clock)
{
    TRY(read_clock(clock));
    if (!clock.has_timers)
        return fail(Errno::opnotsupp);
    const u32 caller = current_user_thread().id();
    const bool is_thread = clock.kind == ClockId::Kind::thread_time;
    if (!is_thread && clock.owner != 0 && clock.owner != current_process().id)
        return fail(Errno::opnotsupp);
    switch (clock.kind) {
    case ClockId::Kind::realtime: return ProcessTimer::Counted{.clock = TimerClock::monotonic, .is_realtime = true};
    case ClockId::Kind::monotonic: return ProcessTimer::Counted{.clock = TimerClock::monotonic};
    case ClockId::Kind::process_time: return ProcessTimer::Counted{.clock = TimerClock::process_time};
    case ClockId::Kind::user_time: return ProcessTimer::Counted{.clock = TimerClock::user_time};
    case ClockId::Kind::thread_time: break;
    }
    return ProcessTimer::Counted{.clock = TimerClock::thread_time, .thread = clock.owner == 0 ? caller : clock.owner};
}

ProcessTimers& timers()
{
    return *current_process().timers;
}

}  // namespace

Result<u64> sys_getitimer(const Arguments& arguments)
{
    const auto which = TRY(interval_of(arguments[0]));
    TRY(user::store(arguments.pointer<IntervalTimer>(1), to_interval_timer(timers().interval(which))));
    return 0;
}

Result<u64> sys_setitimer(const Arguments& arguments)
{
    const auto which = TRY(interval_of(arguments[0]));
    TimerSetting wanted;
    if (arguments[1] != 0) {
        const IntervalTimer timer = TRY(user::load(arguments.pointer<IntervalTimer>(1)));
        wanted.remaining = TRY(from_time_value(timer.value));
        wanted.interval = TRY(from_time_value(timer.interval));
    }
    const TimerSetting former = timers().set_interval(which, wanted);
    if (arguments[2] != 0)
        TRY(user::store(arguments.pointer<IntervalTimer>(2), to_interval_timer(former)));
    return 0;
}

Result<u64> sys_timer_create(const Arguments& arguments)
{
    const auto clock = TRY(find_clock(arguments.as_u32(0)));
    const auto counted = TRY(counted_by(clock));
    SignalEvent event;
    if (arguments[1] != 0)
        event = TRY(user::load(arguments.pointer<SignalEvent>(1)));
    const auto notice = TRY(notice_of(event));
    const u32 id = TRY(timers().create(counted, notice, arguments[1] != 0));
    const auto stored = user::store(arguments.pointer<u32>(2), id);
    if (!stored) {
        static_cast<void>(timers().remove(id));
        return fail(stored.error());
    }
    return 0;
}

Result<u64> sys_timer_gettime(const Arguments& arguments)
{
    const TimerSetting setting = TRY(timers().get(arguments.as_u32(0)));
    TRY(user::store(arguments.pointer<TimerSpec>(1), to_timer_spec(setting)));
    return 0;
}

Result<u64> sys_timer_getoverrun(const Arguments& arguments)
{
    return TRY(timers().overruns(arguments.as_u32(0)));
}

Result<u64> sys_timer_settime(const Arguments& arguments)
{
    constexpr u32 absolute = 1;
    if (arguments[2] == 0)
        return fail(Errno::inval);
    const TimerSpec spec = TRY(user::load(arguments.pointer<TimerSpec>(2)));
    TimerSetting wanted;
    wanted.remaining = TRY(to_nanoseconds(spec.value));
    wanted.interval = TRY(to_nanoseconds(spec.interval));
    const auto start = (arguments.as_u32(1) & absolute) != 0 ? ProcessTimers::Start::at : ProcessTimers::Start::after;
    const TimerSetting former = TRY(timers().set(arguments.as_u32(0), wanted, start));
    if (arguments[3] != 0)
        TRY(user::store(arguments.pointer<TimerSpec>(3), to_timer_spec(former)));
    return 0;
}

Result<u64> sys_timer_delete(const Arguments& arguments)
{
    TRY(timers().remove(arguments.as_u32(0)));
    return 0;
}

}  // namespace tenon::syscall
