#pragma once

#include <boost/intrusive/list.hpp>

#include "kernel/time/clock.h"
#include <tenon/sync.h>

namespace tenon {

// A point of time at which a wait ends.
struct Deadline {
    enum class Clock : u8 {
        monotonic,
        realtime,  // wherever that clock is set meanwhile (POSIX, clock_settime: absolute waits follow it)
    };

    u64 time = WaitQueue::no_deadline;  // nanoseconds
    Clock clock = Clock::monotonic;

    bool is_never() const { return time == WaitQueue::no_deadline; }
};

// While it lives, the calling thread, on whose stack it is, wakes up when the real-time clock has been set.
class RealtimeWait : public boost::intrusive::list_base_hook<>, NoCopy {
public:
    RealtimeWait();
    ~RealtimeWait();
    // After clock::set_realtime().
    static void wake_all();

private:
    Thread& thread_;
};

// As WaitQueue::wait_until_deadline().
template <typename Condition>
Result<> wait_until(WaitQueue& queue, Interruptible interruptible, const Deadline& deadline, Condition&& condition)
{
    if (deadline.clock == Deadline::Clock::monotonic)
        return queue.wait_until_deadline(interruptible, deadline.time, condition);
    [[maybe_unused]] RealtimeWait wait;
    for (;;) {
        const u64 setting = clock::realtime_settings();
        bool holds = false;
        TRY(queue.wait_until_deadline(interruptible, clock::monotonic_at(deadline.time), [&] {
            holds = condition();
            return holds || clock::realtime_settings() != setting;
        }));
        if (holds)
            return {};
    }
}

}  // namespace tenon
