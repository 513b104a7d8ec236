#include "kernel/proc/process_timers.h"

#include <algorithm>
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

// With control_ or process_table::lock held.
Result<ProcessTimer*> ProcessTimers::find_locked(u32 id)
{
    const auto found = created_.find(id);
    if (found == created_.end())
        return fail(Errno::inval);
    return &*found;
}

Result<> ProcessTimers::remove(u32 id)
{
    LockGuard guard(control_);
    ProcessTimer* const found = TRY(find_locked(id));
    const std::unique_ptr<ProcessTimer> timer(found);
    {
        LockGuard lock(process_table::lock);
        created_.erase(created_.iterator_to(*timer));
    }
    timer->disarm();
    return {};
}

Result<TimerSetting> ProcessTimers::get(u32 id)
{
    LockGuard guard(process_table::lock);
    const ProcessTimer* const timer = TRY(find_locked(id));
    return timer->setting_locked();
}

Result<TimerSetting> ProcessTimers::set(u32 id, const TimerSetting& wanted, Start start)
{
    LockGuard guard(control_);
    ProcessTimer* const timer = TRY(find_locked(id));
    return change(*timer, wanted, start);
}

Result<u32> ProcessTimers::overruns(u32 id)
{
    LockGuard guard(process_table::lock);
    const ProcessTimer* const timer = TRY(find_locked(id));
    return timer->overruns_locked();
}

// `control_` is held.
TimerSetting ProcessTimers::change(ProcessTimer& timer, const TimerSetting& wanted, Start start)
{
    timer.disarm();
    TimerSetting former;
    {
        LockGuard guard(process_table::lock);
        former = timer.setting_locked();
        timer.set_locked(wanted, start);
        if (timer.is_on_locked() && timer.counts_processor_time())
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
        static_cast<void>(resched_point());  // each may look through all threads
    });
}

void ProcessTimers::realtime_was_set()
{
    for (auto process = process_table::at_or_after(0); process; process = process_table::at_or_after(process->id + 1)) {
        if (process->timers)
            process->timers->follow_realtime();
        static_cast<void>(resched_point());
    }
}

void ProcessTimers::follow_realtime()
{
    LockGuard guard(control_);
    for_each([&](ProcessTimer& timer) {
        bool follows;
        {
            LockGuard lock(process_table::lock);
            follows = timer.follows_realtime_locked();
        }
        if (follows) {
            timer.disarm();
            timer.arm_if_on();
        }
        static_cast<void>(resched_point());
    });
}

// In the timer interrupt, so what is due in great numbers is sent a part at each tick, all timers in turn.
void ProcessTimers::check_processor_time()
{
    LockGuard guard(process_table::lock);
    const Process::Times times = process_.times_locked();
    bool watches = check_limit_locked(times);
    unsigned left = 32;
    const auto check = [&](ProcessTimer& timer) {
        if (!timer.counts_processor_time())
            return;
        if (left != 0 && timer.is_due_locked(times)) {
            timer.send_locked();
            if (--left == 0)
                next_checked_ = timer.id();
        }
        watches |= timer.is_on_locked();
    };
    std::ranges::for_each(intervals_, check);
    const auto first = created_.lower_bound(next_checked_);
    std::for_each(first, created_.end(), check);
    std::for_each(created_.begin(), first, check);
    watches_.store(watches, std::memory_order_relaxed);
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
