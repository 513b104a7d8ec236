#include "kernel/proc/process_timer.h"

#include "kernel/lib/checked.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/process_timers.h"
#include "kernel/proc/signal.h"
#include "kernel/time/clock.h"
#include <tenon/time.h>

namespace tenon {

TimerSetting ProcessTimer::setting_locked() const
{
    if (state_ == State::off)
        return {.remaining = 0, .interval = interval_};
    const u64 now = now_locked();
    if (deadline_ > now)
        return {.remaining = deadline_ - now, .interval = interval_};
    const bool is_silent = notice_.to == Notice::To::nobody;
    if (interval_ != 0 && (state_ == State::resting || is_silent))
        return {.remaining = next_deadline(now) - now, .interval = interval_};
    // Due, and about to be sent.
    return {.remaining = is_silent ? 0u : 1u, .interval = interval_};
}

void ProcessTimer::set_locked(const TimerSetting& wanted, Start start)
{
    const bool is_on = wanted.remaining != 0;
    clock_ = start == Start::at && counted_.is_realtime ? TimerClock::realtime : counted_.clock;
    state_ = is_on ? State::on : State::off;
    const u64 deadline = start == Start::at ? wanted.remaining : saturating_add(now_locked(), wanted.remaining);
    deadline_ = std::min(deadline, WaitQueue::no_deadline - 1);
    interval_ = is_on ? wanted.interval : 0;
    overruns_ = 0;
}

bool ProcessTimer::go_on_locked(SignalInfo& taken)
{
    const int number = notice_.info.number;
    if (state_ != State::resting || taken.number != number)
        return false;
    const bool is_own = taken.code == SignalInfo::from_timer && static_cast<u32>(taken.fields[0]) == id_;
    if (!is_own && process_.signals->is_pending_anywhere(number))
        return false;
    const u64 now = now_locked();
    constexpr u64 most = 0x7fff'ffff;  // timer_getoverrun(2): DELAYTIMER_MAX
    overruns_ = now > deadline_ ? static_cast<u32>(std::min(missed(now), most)) : 0;
    if (is_own)
        taken.fields[0] = id_ | u64{overruns_} << 32;
    if (now >= deadline_)
        deadline_ = next_deadline(now);
    state_ = State::on;
    return true;
}

bool ProcessTimer::is_due_locked(const Process::Times& times) const
{
    return state_ == State::on && notice_.to != Notice::To::nobody && now_locked(times) >= deadline_;
}

void ProcessTimer::arm_if_on()
{
    if (!counts_processor_time() && state_ == State::on && notice_.to != Notice::To::nobody)
        arm(clock_ == TimerClock::realtime ? clock::monotonic_at(deadline_) : deadline_);
}

// Before its time when the real-time clock has just been set back: then it is about to be armed again.
void ProcessTimer::timer_expired()
{
    LockGuard guard(process_table::lock);
    if (state_ == State::on && (clock_ != TimerClock::realtime || realtime_now() >= deadline_))
        send_locked();
}

void ProcessTimer::send_locked()
{
    state_ = interval_ == 0 ? State::off : State::resting;
    if (state_ == State::resting)
        process_.timers->note_rest();
    if (notice_.to == Notice::To::process)
        return signals::send_locked(process_, notice_.info);
    UserThread* const thread = process_table::find_thread_locked(notice_.thread);
    if (thread != nullptr && thread->process() == &process_)
        signals::send_to_thread_locked(*thread, notice_.info);
}

u64 ProcessTimer::now_locked() const
{
    return now_locked(counts_processor_time() ? process_.times_locked() : Process::Times());
}

u64 ProcessTimer::now_locked(const Process::Times& times) const
{
    switch (clock_) {
    case TimerClock::monotonic: return monotonic_now();
    case TimerClock::realtime: return realtime_now();
    case TimerClock::process_time: return clock::to_nanoseconds(times.run);
    case TimerClock::user_time: return clock::to_nanoseconds(times.user);
    case TimerClock::thread_time: break;
    }
    const UserThread* const thread = process_table::find_thread_locked(counted_.thread);
    const bool lives = thread != nullptr && thread->process() == &process_;
    return lives ? clock::to_nanoseconds(Process::Times::of(*thread).run) : 0;
}

u64 ProcessTimer::next_deadline(u64 now) const
{
    const auto ahead = checked_mul(missed(now) + 1, interval_);
    const auto sum = ahead ? checked_add(deadline_, *ahead) : std::nullopt;
    return sum.value_or(WaitQueue::no_deadline - 1);
}

}  // namespace tenon
