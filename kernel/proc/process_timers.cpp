#include "kernel/proc/process_timers.h"

#include <memory>
#include <new>

#include "kernel/lib/checked.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/signal.h"
#include "kernel/time/clock.h"
#include <tenon/time.h>

namespace tenon {

namespace {

constexpr u32 no_id = ~u32{0};
constexpr u32 id_bits = 0x7fff'ffff;  // timer_t is an int

ProcessTimer interval_timer(Process& process, TimerClock clock, int number)
{
    return {process, no_id, {.clock = clock}, {.to = ProcessTimer::Notice::To::process, .info = SignalInfo::kernel(number)}};
}

}  // namespace

ProcessTimers::ProcessTimers(Process& process)
    : process_(process),
      intervals_{interval_timer(process, TimerClock::monotonic, signal_number::alarm),
                 interval_timer(process, TimerClock::user_time, signal_number::virtual_alarm),
                 interval_timer(process, TimerClock::process_time, signal_number::profile)}
{
}

template <typename Visit>
void ProcessTimers::for_each(Visit&& visit)
{
    for (ProcessTimer& timer : intervals_)
        visit(timer);
    for (ProcessTimer& timer : created_)
        visit(timer);
}

TimerSetting ProcessTimers::interval(Interval which) const
{
    LockGuard guard(process_table::lock);
    return timer_of(which).setting_locked();
}

TimerSetting ProcessTimers::set_interval(Interval which, const TimerSetting& wanted)
{
    LockGuard guard(control_);
    return change(timer_of(which), wanted, Start::after);
}

// As RLIMIT_SIGPENDING bounds queued signals, of which each timer may have one.
u64 ProcessTimers::most_created() const
{
    constexpr u64 most = 1024;
    return std::min(most, process_.limits.values[ResourceLimits::pending_signals].current);
}

Result<u32> ProcessTimers::create(ProcessTimer::Counted counted, ProcessTimer::Notice notice, bool has_value)
{
    LockGuard guard(control_);
    if (created_.size() >= most_created())
        return fail(Errno::again);
    while (created_.find(next_id_) != created_.end())
        next_id_ = (next_id_ + 1) & id_bits;
    const u32 id = next_id_;
    notice.info.code = SignalInfo::from_timer;
    notice.info.fields[0] = id;
    if (!has_value)
        notice.info.fields[1] = id;
    auto* const timer = new (std::nothrow) ProcessTimer(process_, id, counted, notice);
    if (timer == nullptr)
        return fail(Errno::nomem);
    timer->charge = ledger::Charge(ledger::Kind::signals, sizeof *timer);
    LockGuard lock(process_table::lock);
    created_.insert(*timer);
    next_id_ = (id + 1) & id_bits;
    return id;
}

Result<> ProcessTimers::remove(u32 id)
{
    LockGuard guard(control_);
    const auto found = created_.find(id);
    if (found == created_.end())
        return fail(Errno::inval);
    const std::unique_ptr<ProcessTimer> timer(&*found);
    {
        LockGuard lock(process_table::lock);
        created_.erase(found);
    }
    timer->disarm();
    return {};
}

Result<TimerSetting> ProcessTimers::get(u32 id) const
{
    LockGuard guard(process_table::lock);
    const auto found = created_.find(id);
    if (found == created_.end())
        return fail(Errno::inval);
    return found->setting_locked();
}

Result<TimerSetting> ProcessTimers::set(u32 id, const TimerSetting& wanted, Start start)
{
    LockGuard guard(control_);
    const auto found = created_.find(id);
    if (found == created_.end())
        return fail(Errno::inval);
    return change(*found, wanted, start);
}

Result<u32> ProcessTimers::overruns(u32 id) const
{
    LockGuard guard(process_table::lock);
    const auto found = created_.find(id);
    if (found == created_.end())
        return fail(Errno::inval);
    return found->overruns_locked();
}

// `control_` is held.
TimerSetting ProcessTimers::change(ProcessTimer& timer, const TimerSetting& wanted, Start start)
{
    timer.disarm();
    TimerSetting former;
    {
        LockGuard guard(process_table::lock);
        former = timer.setting_locked();
        const u64 deadline = wanted.remaining == 0    ? 0
                             : start == Start::after ? timer.deadline_after_locked(wanted.remaining)
                                                     : timer.deadline_at_locked(wanted.remaining);
        timer.set_locked(deadline, wanted.interval);
        if (deadline != 0 && timer.counts_processor_time())
            watch_processor_time();
    }
    timer.arm_if_on();
    return former;
}

void ProcessTimers::go_on(SignalInfo& info)
{
    LockGuard guard(control_);
    some_rest_.store(false, std::memory_order_relaxed);
    for_each([&](ProcessTimer& timer) {
        bool is_on;
        {
            LockGuard lock(process_table::lock);
            is_on = timer.go_on_locked(info);
            if (timer.is_resting_locked())
                note_rest();
            if (is_on && timer.counts_processor_time())
                watch_processor_time();
        }
        if (is_on)
            timer.arm_if_on();
    });
}

void ProcessTimers::check_processor_time()
{
    LockGuard guard(process_table::lock);
    const Process::Times times = process_.times_locked();
    watches_.store(check_limit_locked(times), std::memory_order_relaxed);
    for_each([&](ProcessTimer& timer) {
        if (timer.check_processor_time_locked(times))
            watch_processor_time();
    });
}

// Returns whether there is a limit.
bool ProcessTimers::check_limit_locked(const Process::Times& times)
{
    const ResourceLimit& limit = process_.limits.values[ResourceLimits::processor_time];
    if (limit.current == ResourceLimit::infinity)
        return false;
    // As on Linux a limit of 0 is one second.
    const u64 seconds = clock::to_nanoseconds(times.run) / nanoseconds_per_second;
    if (seconds >= std::max<u64>(limit.maximum, 1)) {
        signals::send_locked(process_, SignalInfo::kernel(signal_number::kill));
    } else if (seconds >= std::max({limit.current, next_limit_second_, u64{1}})) {
        next_limit_second_ = seconds + 1;
        signals::send_locked(process_, SignalInfo::kernel(signal_number::cpu_time));
    }
    return true;
}

void ProcessTimers::remove_created()
{
    while (!created_.empty())
        static_cast<void>(remove(created_.begin()->id()));
}

void ProcessTimers::cancel()
{
    remove_created();
    for (ProcessTimer& timer : intervals_) {
        LockGuard guard(control_);
        change(timer, {}, Start::after);
    }
}

}  // namespace tenon
