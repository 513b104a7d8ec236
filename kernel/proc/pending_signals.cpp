#include "kernel/proc/pending_signals.h"

#include <new>

namespace tenon {

PendingSignals::~PendingSignals()
{
    queue_.clear_and_dispose([](Entry* entry) { delete entry; });
}

void PendingSignals::add(const SignalInfo& info)
{
    const bool queues = info.number >= signal_number::first_real_time || info.code == SignalInfo::from_timer;
    if (numbers_.contains(info.number) && !queues)
        return;
    numbers_.add(info.number);
    if (queue_.size() >= max_queued)
        return;
    // Without memory the signal still arrives, only with less to say.
    if (auto* entry = new (std::nothrow) Entry) {
        entry->info = info;
        queue_.push_back(*entry);
    }
}

void PendingSignals::discard(SignalSet numbers)
{
    numbers_ = numbers_ & ~numbers;
    queue_.remove_and_dispose_if([&](const Entry& entry) { return numbers.contains(entry.info.number); },
                                 [](Entry* entry) { delete entry; });
}

SignalInfo PendingSignals::take(int number)
{
    SignalInfo info = SignalInfo::kernel(number);
    bool found = false;
    bool more = false;
    for (auto position = queue_.begin(); position != queue_.end();) {
        if (position->info.number != number) {
            ++position;
        } else if (!found) {
            found = true;
            info = position->info;
            position = queue_.erase_and_dispose(position, [](Entry* entry) { delete entry; });
        } else {
            more = true;
            break;
        }
    }
    if (!more)
        numbers_.remove(number);
    return info;
}

}  // namespace tenon
