#pragma once

#include <boost/intrusive/set.hpp>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/types.h"

namespace tenon {

// Calls timer_expired() once, at a point of monotonic time or a little later; later still when very many are due together. A timer belongs
// to the CPU that armed it.
// One thread at a time arms and disarms it; it must be disarmed when it is deleted (an expired timer still needs disarm(), which
// waits for timer_expired() to return).
class Timer : public boost::intrusive::set_base_hook<>, NoCopy {
public:
    // Arming an armed timer moves it. Allowed in timer_expired().
    void arm(u64 deadline);
    // Afterwards timer_expired() is not running and will not be called. Not under a lock that timer_expired() takes, and
    // not from it.
    void disarm();

    bool operator<(const Timer& other) const { return deadline_ < other.deadline_; }

protected:
    ~Timer() = default;

    // In interrupt context, without locks.
    virtual void timer_expired() = 0;

private:
    friend class TimerQueue;
    u64 deadline_ = 0;
    unsigned cpu_ = 0;  // whose queue the timer was put in last
};

namespace timers {

// An interrupt calls what has expired for so long at most (nanoseconds; no call is cut short) and leaves the CPU as long to what it
// interrupted.
constexpr u64 longest_turn = 1'000'000;

// From this CPU's timer interrupt: calls what has expired and arms the hardware for what comes next.
void run_expired();

}  // namespace timers

}  // namespace tenon
