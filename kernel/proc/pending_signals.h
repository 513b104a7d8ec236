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
    usize queued_bytes() const { return queue_.size() * entry_size(); }
    static constexpr usize entry_size() { return sizeof(Entry); }

    enum class Room : bool { none, some };
    // A standard signal is kept once, a real-time signal as often as it is sent, one of a timer (which has one at a time) always.
    // Without room or memory it arrives with less to say; but a real-time signal that somebody sent to say something is refused: false.
    bool add(const SignalInfo& info, Room room = Room::some);
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
