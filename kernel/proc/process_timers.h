#pragma once

#include <array>

#include "kernel/proc/process_timer.h"
#include <tenon/sync.h>

namespace tenon {

// The timers of a process: those of setitimer(2), those of timer_create(2), and RLIMIT_CPU, which counts what they count. Timers are not
// inherited; an executed program keeps only those of setitimer. The functions without _locked block and are for threads of the process.
class ProcessTimers : NoCopy {
public:
    enum class Interval : u8 { real, virtual_, profile };  // with the values of ITIMER_*

    explicit ProcessTimers(Process& process);

    TimerSetting interval(Interval which) const;
    // Returns the former setting.
    TimerSetting set_interval(Interval which, const TimerSetting& wanted);

    // Errno::again for too many, nomem. A notice that names no value of its own gets the timer's id.
    Result<u32> create(ProcessTimer::Counted counted, ProcessTimer::Notice notice, bool has_value);
    // Errno::inval when there is none of this id.
    Result<> remove(u32 id);
    Result<TimerSetting> get(u32 id);
    using Start = ProcessTimer::Start;
    Result<TimerSetting> set(u32 id, const TimerSetting& wanted, Start start);
    Result<u32> overruns(u32 id);
    void remove_created();  // at execve and exit
    void cancel();          // all of them, at exit

    // The real-time clock has been set: the timers of all processes that were set to a point of it follow. Blocks.
    static void realtime_was_set();

    // The calling thread has taken a signal, or its action has changed: timers that wait for that go on.
    void signal_taken(SignalInfo& info)
    {
        if (some_rest_.load(std::memory_order_relaxed)) [[unlikely]]
            go_on(info);
    }
    void action_changed(int number)
    {
        SignalInfo info = SignalInfo::kernel(number);
        signal_taken(info);
    }
    void note_rest() { some_rest_.store(true, std::memory_order_relaxed); }

    // From the timer interrupt: the calling thread has run.
    void processor_time_passed()
    {
        if (watches_.load(std::memory_order_relaxed)) [[unlikely]]
            check_processor_time();
    }
    // There is something to be watched; process_table::lock is held, or nobody else knows of the process yet.
    void watch_processor_time() { watches_.store(true, std::memory_order_relaxed); }

private:
    using ById = boost::intrusive::set<ProcessTimer, boost::intrusive::base_hook<boost::intrusive::set_base_hook<boost::intrusive::tag<ProcessTimerHook>>>,
                                       boost::intrusive::key_of_value<ProcessTimerId>>;

    ProcessTimer& timer_of(Interval which) { return intervals_[static_cast<usize>(which)]; }
    const ProcessTimer& timer_of(Interval which) const { return intervals_[static_cast<usize>(which)]; }
    TimerSetting change(ProcessTimer& timer, const TimerSetting& wanted, Start start);
    u64 most_created() const;
    void go_on(SignalInfo& info);
    Result<ProcessTimer*> find_locked(u32 id);
    void follow_realtime();
    void check_processor_time();
    bool check_limit_locked(const Process::Times& times);
    template <typename Visit>
    void for_each(Visit&& visit);

    Process& process_;
    // Who arms, disarms, makes or removes timers; outside process_table::lock.
    mutable Mutex control_;
    std::array<ProcessTimer, 3> intervals_;  // by Interval
    ById created_;                           // changes need both locks
    u32 next_id_ = 0;                        // control_
    u64 next_limit_second_ = 0;              // of processor time at which RLIMIT_CPU sends its next SIGXCPU; process_table::lock
    u32 next_checked_ = 0;                   // id of the created timer that check_processor_time() starts with; process_table::lock
    std::atomic<bool> some_rest_{false};     // perhaps
    std::atomic<bool> watches_{false};       // perhaps something counts processor time
};

}  // namespace tenon
