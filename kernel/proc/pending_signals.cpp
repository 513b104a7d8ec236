#include "kernel/proc/pending_signals.h"

#include <new>

namespace tenon {

PendingSignals::~PendingSignals()
{
    queue_.clear_and_dispose([](Entry* entry) { delete entry; });
}

bool PendingSignals::add(const SignalInfo& info, Room room)
{
    const bool queues = info.number >= signal_number::first_real_time || info.code == SignalInfo::from_timer;
    if (numbers_.contains(info.number) && !queues)
        return true;
    const bool has_room = room == Room::some && queue_.size() < max_queued;
    auto* const entry = has_room ? new (std::nothrow) Entry : nullptr;
    const bool from_program = info.code < 0 && info.code != SignalInfo::from_timer;
    if (entry == nullptr && info.number >= signal_number::first_real_time && from_program)
        return false;
    numbers_.add(info.number);
    if (entry != nullptr) {
        entry->info = info;
        queue_.push_back(*entry);
    }
    return true;
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
