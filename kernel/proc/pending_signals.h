#pragma once

#include <boost/intrusive/list.hpp>

#include "kernel/lib/no_copy.h"
#include "kernel/proc/signal_info.h"
#include "kernel/proc/signal_set.h"

namespace tenon {

// Signals that were sent and not taken yet, to a process or to one of its threads. SignalState's lock protects it.
class PendingSignals : NoCopy {
public:
    PendingSignals() = default;
    ~PendingSignals();

    SignalSet numbers() const { return numbers_; }
    usize queued_bytes() const { return queue_.size() * sizeof(Entry); }
    // A standard signal is kept once, a real-time signal as often as it is sent, one of a timer (which has one at a time) always.
    void add(const SignalInfo& info);
    void discard(SignalSet numbers);
    // Takes the oldest one of this number; one of which only the number is known when none was queued.
    SignalInfo take(int number);

private:
    struct Entry : boost::intrusive::list_base_hook<> {
        SignalInfo info;
    };
    static constexpr usize max_queued = 1024;

    SignalSet numbers_;
    boost::intrusive::list<Entry> queue_;  // what is known about them, in the order of arrival
};

}  // namespace tenon
