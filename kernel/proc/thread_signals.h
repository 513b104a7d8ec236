#pragma once

#include <optional>

#include "kernel/proc/pending_signals.h"
#include "kernel/proc/signal_action.h"

namespace tenon {

// What one thread has of its own about signals. The lock of its process's SignalState protects everything but the alternate stack.
struct ThreadSignals {
    SignalSet blocked;                         // changed only by the thread itself
    std::optional<SignalSet> saved_blocked;    // while a temporary mask is in force
    SignalSet waited;                          // rt_sigtimedwait: kept even when ignored
    PendingSignals pending;                    // sent to this thread alone
    SignalSet forced;                          // of `pending`: raised by its own fault, so certain to act
    bool must_stop = false;                    // as the whole process does
    SignalStack alternate_stack;               // only the thread itself uses it

    // Whether a signal sent now would be looked at by this thread.
    bool takes(int number) const { return !blocked.contains(number) || waited.contains(number); }
};

}  // namespace tenon
