#include <utility>

#include "kernel/proc/signal.h"

namespace tenon {

SignalState::~SignalState()
{
    queue_.clear_and_dispose([](PendingSignal* pending) { delete pending; });
}

Result<std::unique_ptr<SignalState>> SignalState::clone() const
{
    std::unique_ptr<SignalState> copy(new (std::nothrow) SignalState);
    if (!copy)
        return fail(Errno::nomem);
    LockGuard guard(lock_);
    copy->actions_ = actions_;
    copy->blocked_ = saved_blocked_.value_or(blocked_);
    copy->alternate_stack = alternate_stack;
    return copy;
}

void SignalState::reset_handlers()
{
    LockGuard guard(lock_);
    for (SignalAction& action : actions_) {
        const bool ignored = action.is_ignored();
        action = {};
        if (ignored)
            action.handler = SignalAction::handler_ignore;
    }
    alternate_stack = {};
}

SignalAction SignalState::action(int number) const
{
    LockGuard guard(lock_);
    return actions_[static_cast<usize>(number - 1)];
}

SignalAction SignalState::set_action(int number, const SignalAction& action)
{
    LockGuard guard(lock_);
    SignalAction former = std::exchange(actions_[static_cast<usize>(number - 1)], action);
    actions_[static_cast<usize>(number - 1)].mask = action.mask & ~unblockable_signals;
    if (ignores_locked(number))
        discard_locked(SignalSet::of(number));
    return former;
}

bool SignalState::ignores_locked(int number) const
{
    const SignalAction& action = actions_[static_cast<usize>(number - 1)];
    if (!action.is_default())
        return action.is_ignored();
    const DefaultAction fallback = default_action(number);
    return fallback == DefaultAction::ignore || fallback == DefaultAction::continue_;
}

bool SignalState::ignores(int number) const
{
    LockGuard guard(lock_);
    return ignores_locked(number);
}

SignalSet SignalState::blocked() const
{
    LockGuard guard(lock_);
    return blocked_;
}

SignalSet SignalState::set_blocked(SignalSet mask)
{
    LockGuard guard(lock_);
    return std::exchange(blocked_, mask & ~unblockable_signals);
}

SignalSet SignalState::pending() const
{
    LockGuard guard(lock_);
    return pending_;
}

void SignalState::set_temporary_mask(SignalSet mask)
{
    LockGuard guard(lock_);
    if (!saved_blocked_)
        saved_blocked_ = blocked_;
    blocked_ = mask & ~unblockable_signals;
}

void SignalState::restore_mask()
{
    LockGuard guard(lock_);
    if (saved_blocked_)
        blocked_ = *std::exchange(saved_blocked_, std::nullopt);
}

void SignalState::set_waited(SignalSet numbers)
{
    LockGuard guard(lock_);
    waited_ = numbers;
}

void SignalState::add_locked(const SignalInfo& info)
{
    const bool queues = info.number >= signal_number::first_real_time;
    if (pending_.contains(info.number) && !queues)
        return;
    pending_.add(info.number);
    if (queue_.size() >= max_queued)
        return;
    // Without memory the signal still arrives, only with less to say.
    if (auto* pending = new (std::nothrow) PendingSignal) {
        pending->info = info;
        queue_.push_back(*pending);
        book_queue_locked();
    }
}

bool SignalState::is_fatal_locked(int number) const
{
    return !ending_ && fatal_ == 0 && actions_[static_cast<usize>(number - 1)].is_default() &&
           default_action(number) == DefaultAction::terminate && !dump_signals.contains(number);
}

SignalState::Posted SignalState::post(const SignalInfo& info, HandledOnly handled_only)
{
    LockGuard guard(lock_);
    const bool kept = blocked_.contains(info.number) || waited_.contains(info.number);
    const bool unhandled = actions_[static_cast<usize>(info.number - 1)].is_default();
    // A signal that is blocked or waited for is kept whatever its action: that may change before it is taken.
    if (!kept && (ignores_locked(info.number) || (handled_only == HandledOnly::yes && unhandled)))
        return Posted::nothing;
    add_locked(info);
    if (!kept && is_fatal_locked(info.number)) {
        fatal_ = info.number;
        return Posted::fatal;
    }
    return !blocked_.contains(info.number) || waited_.contains(info.number) ? Posted::due : Posted::nothing;
}

void SignalState::begin_end()
{
    LockGuard guard(lock_);
    ending_ = true;
}

void SignalState::post_forced(const SignalInfo& info)
{
    LockGuard guard(lock_);
    SignalAction& action = actions_[static_cast<usize>(info.number - 1)];
    if (blocked_.contains(info.number) || action.is_ignored())
        action = {};
    blocked_.remove(info.number);
    forced_.add(info.number);
    add_locked(info);
}

void SignalState::discard(SignalSet numbers)
{
    LockGuard guard(lock_);
    discard_locked(numbers);
}

void SignalState::discard_locked(SignalSet numbers)
{
    pending_ = pending_ & ~numbers;
    queue_.remove_and_dispose_if([&](const PendingSignal& pending) { return numbers.contains(pending.info.number); },
                                 [](PendingSignal* pending) { delete pending; });
    book_queue_locked();
}

SignalInfo SignalState::take_locked(int number)
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
            position = queue_.erase_and_dispose(position, [](PendingSignal* pending) { delete pending; });
        } else {
            more = true;
            break;
        }
    }
    if (!more)
        pending_.remove(number);
    book_queue_locked();
    return info;
}

std::optional<SignalInfo> SignalState::take(SignalSet wanted)
{
    LockGuard guard(lock_);
    const SignalSet candidates = pending_ & wanted;
    if (candidates.is_empty())
        return std::nullopt;
    return take_locked(candidates.lowest());
}

std::optional<SignalState::Due> SignalState::take_due(SignalSet wanted)
{
    LockGuard guard(lock_);
    if (fatal_ != 0)
        return Due{.info = take_locked(fatal_), .action = {}, .former_mask = blocked_};
    const SignalSet candidates = pending_ & ~blocked_ & wanted;
    if (candidates.is_empty())
        return std::nullopt;
    const SignalSet urgent = candidates & (synchronous_signals | SignalSet::of(signal_number::kill));
    const int number = urgent.is_empty() ? candidates.lowest() : urgent.lowest();
    SignalAction& action = actions_[static_cast<usize>(number - 1)];
    Due due{.info = take_locked(number), .action = action, .former_mask = blocked_, .forced = forced_.contains(number)};
    forced_.remove(number);
    if (!action.has_handler())
        return due;
    due.former_mask = std::exchange(saved_blocked_, std::nullopt).value_or(blocked_);
    blocked_ = blocked_ | action.mask;
    if ((action.flags & SignalAction::no_defer) == 0)
        blocked_.add(number);
    if ((action.flags & SignalAction::reset_handler) != 0)
        action.handler = SignalAction::handler_default;
    return due;
}

void SignalState::refresh(std::atomic<bool>& flag) const
{
    LockGuard guard(lock_);
    flag.store(fatal_ != 0 || !(pending_ & ~blocked_).is_empty(), std::memory_order_relaxed);
}

}  // namespace tenon
