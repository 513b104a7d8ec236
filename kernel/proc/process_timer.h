#pragma once

#include <algorithm>

#include <boost/intrusive/set.hpp>

#include "kernel/mm/ledger.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal_info.h"
#include "kernel/time/timer.h"

namespace tenon {

// What a timer counts, in nanoseconds.
enum class TimerClock : u8 {
    monotonic,
    realtime,
    process_time,  // processor time of all threads
    user_time,     // what of that passed in user code (ITIMER_VIRTUAL)
    thread_time,
};

struct TimerSetting {
    u64 remaining = 0;  // nanoseconds; 0: off
    u64 interval = 0;   // 0: once
};

struct ProcessTimerHook;

// A timer of a process that sends a signal (timer_create(2), setitimer(2)). It sends one when it is due and rests until that one has
// been taken; only then a repeated timer goes on, at its next multiple, and what it left out is its overrun count. So the signals of the
// shortest interval cost only what the process does to take them, and an ignored one costs nothing.
//
// process_table::lock protects everything; ProcessTimers sees to it that one thread at a time arms and disarms.
class ProcessTimer final : public Timer, public boost::intrusive::set_base_hook<boost::intrusive::tag<ProcessTimerHook>> {
public:
    struct Counted {
        TimerClock clock;
        u32 thread = 0;            // for thread_time
        bool is_realtime = false;  // of monotonic: points of time are those of the real-time clock, wherever it is set meanwhile
    };
    struct Notice {
        enum class To : u8 { nobody, process, thread };

        To to;
        SignalInfo info;
        u32 thread = 0;
    };

    ProcessTimer(Process& process, u32 id, Counted counted, Notice notice)
        : process_(process), id_(id), counted_(counted), clock_(counted.clock), notice_(notice)
    {
    }

    ledger::Charge charge;  // by who makes timers at a program's wish

    u32 id() const { return id_; }
    bool counts_processor_time() const { return counted_.clock != TimerClock::monotonic; }
    bool follows_realtime_locked() const { return clock_ == TimerClock::realtime && state_ != State::off; }

    TimerSetting setting_locked() const;
    enum class Start : bool { after, at };  // a time from now, or one of the timer's clock
    // On, or off when `wanted` leaves it no time.
    void set_locked(const TimerSetting& wanted, Start start);
    bool is_on_locked() const { return state_ == State::on; }
    bool is_resting_locked() const { return state_ == State::resting; }
    // Goes on after a rest when the signal that was taken is its own, or none of that number is pending any more; tells its own signal
    // the overrun count. Returns whether it is on again.
    bool go_on_locked(SignalInfo& taken);
    // For timers that count processor time; `times` are the process's.
    bool is_due_locked(const Process::Times& times) const;
    void send_locked();
    u64 now_locked() const;
    u32 overruns_locked() const { return overruns_; }
    // Arms a timer that is on, when its clock needs that. By who disarmed it or made it go on, without the lock.
    void arm_if_on();

private:
    enum class State : u8 { off, on, resting };

    void timer_expired() override;
    u64 now_locked(const Process::Times& times) const;
    u64 missed(u64 now) const { return (now - deadline_) / interval_; }
    u64 next_deadline(u64 now) const;

    Process& process_;
    const u32 id_;
    const Counted counted_;
    TimerClock clock_;  // what deadline_ counts: `counted_`'s, or the real-time clock while it was set to a point of that
    const Notice notice_;
    State state_ = State::off;
    u64 deadline_ = 0;
    u64 interval_ = 0;
    u32 overruns_ = 0;
};

struct ProcessTimerId {
    using type = u32;
    u32 operator()(const ProcessTimer& timer) const { return timer.id(); }
};

}  // namespace tenon
