#include <algorithm>
#include <utility>

#include "kernel/proc/signal.h"
#include "kernel/thread/scheduler.h"

namespace tenon {

namespace {

UserThread& self()
{
    return current_user_thread();
}

}  // namespace

Ref<SignalActions> SignalState::actions() const
{
    LockGuard guard(lock_);
    return actions_;
}

Result<> SignalState::reset_actions()
{
    if (actions_->reference_count() > 1) {
        auto own = TRY(actions_->clone());
        LockGuard guard(lock_);
        std::swap(actions_, own);
    }
    actions_->reset_handlers();
    return {};
}

SignalAction SignalState::set_action(int number, const SignalAction& action)
{
    SignalAction wanted = action;
    wanted.mask = action.mask & ~unblockable_signals;
    LockGuard guard(lock_);
    const SignalAction former = actions_->set(number, wanted);
    if (actions_->ignores(number))
        discard_locked(SignalSet::of(number));
    refresh_locked(self());
    return former;
}

void SignalState::add_thread(UserThread& thread, Stopping stopping)
{
    LockGuard guard(lock_);
    threads_.push_back(thread);
    thread.signals.must_stop = stopping == Stopping::yes;
    refresh_locked(thread);
}

void SignalState::remove_thread(UserThread& thread)
{
    LockGuard guard(lock_);
    threads_.erase(threads_.iterator_to(thread));
    discard_locked(thread.signals.pending, ~SignalSet());
    show_to_others_locked(thread, ~thread.signals.blocked);
}

SignalSet SignalState::set_blocked(SignalSet mask)
{
    UserThread& thread = self();
    LockGuard guard(lock_);
    const SignalSet former = std::exchange(thread.signals.blocked, mask & ~unblockable_signals);
    show_to_others_locked(thread, thread.signals.blocked & ~former);
    refresh_locked(thread);
    return former;
}

SignalSet SignalState::pending() const
{
    LockGuard guard(lock_);
    return pending_.numbers();
}

SignalSet SignalState::pending(const UserThread& thread) const
{
    LockGuard guard(lock_);
    return thread.signals.pending.numbers();
}

bool SignalState::is_pending_anywhere(int number) const
{
    LockGuard guard(lock_);
    return pending_.numbers().contains(number) ||
           std::ranges::any_of(threads_, [&](const UserThread& thread) { return thread.signals.pending.numbers().contains(number); });
}

void SignalState::set_temporary_mask(SignalSet mask)
{
    const SignalSet former = set_blocked(mask);
    LockGuard guard(lock_);
    if (!self().signals.saved_blocked)
        self().signals.saved_blocked = former;
}

void SignalState::restore_mask()
{
    std::optional<SignalSet>& saved = self().signals.saved_blocked;  // the thread's own: nobody else changes it
    if (saved)
        set_blocked(*std::exchange(saved, std::nullopt));
    else
        refresh();
}

void SignalState::set_waited(SignalSet numbers)
{
    LockGuard guard(lock_);
    UserThread& thread = self();
    const SignalSet former = std::exchange(thread.signals.waited, numbers);
    show_to_others_locked(thread, former & ~numbers & thread.signals.blocked);
    refresh_locked(thread);
}

bool SignalState::is_fatal_locked(int number) const
{
    return fatal_ == 0 && actions_->get(number).is_default() && default_action(number) == DefaultAction::terminate &&
           !dump_signals.contains(number);
}

// The leader stands first while it lives, and is asked first.
UserThread* SignalState::choose_locked(int number, const UserThread* except)
{
    for (UserThread& thread : threads_)
        if (&thread != except && !thread.must_end && thread.signals.takes(number))
            return &thread;
    return nullptr;
}

// A thread takes some signals no longer: others that do must look at those that are pending for the process.
void SignalState::show_to_others_locked(const UserThread& thread, SignalSet numbers)
{
    SignalSet left = pending_.numbers() & numbers;
    while (!left.is_empty()) {
        if (UserThread* other = choose_locked(left.lowest(), &thread))
            signals::alert(*other);
        left.remove(left.lowest());
    }
}

Result<> SignalState::post(const SignalInfo& info, UserThread* only, HandledOnly handled_only, u64 limit)
{
    LockGuard guard(lock_);
    if (threads_.empty() || (only != nullptr && only->must_end))
        return {};
    const UserThread& asked = only != nullptr ? *only : threads_.front();
    const bool kept = asked.signals.blocked.contains(info.number) || asked.signals.waited.contains(info.number);
    const bool unhandled = actions_->get(info.number).is_default();
    // A signal that is blocked or waited for is kept whatever its action: that may change before it is taken.
    if (!kept && (actions_->ignores(info.number) || (handled_only == HandledOnly::yes && unhandled)))
        return {};
    const bool is_pending = only == nullptr && pending_.numbers().contains(info.number);
    if (!add_locked(only != nullptr ? only->signals.pending : pending_, info, limit))
        return fail(Errno::again);
    if (is_pending)  // and whoever takes it has been told
        return {};
    UserThread* taker = only == nullptr ? choose_locked(info.number) : only->signals.takes(info.number) ? only : nullptr;
    if (taker == nullptr)
        return {};
    if (taker->signals.waited.contains(info.number) || !is_fatal_locked(info.number))
        signals::alert(*taker);
    else
        end_by_locked(info.number);
    return {};
}

// All threads are told, and nothing that they change afterwards saves them.
void SignalState::end_by_locked(int number)
{
    fatal_ = number;
    for (UserThread& thread : threads_) {
        if (thread.must_end)  // and may be giving back what it has already
            continue;
        thread.fatal_signal_pending.store(true, std::memory_order_seq_cst);
        signals::alert(thread);
        scheduler::hurry(thread);
    }
}

void SignalState::begin_end()
{
    LockGuard guard(lock_);
    self().must_end = true;
    self().fatal_signal_pending.store(false, std::memory_order_relaxed);
}

void SignalState::post_forced(const SignalInfo& info)
{
    UserThread& thread = self();
    LockGuard guard(lock_);
    if (thread.signals.blocked.contains(info.number) || actions_->get(info.number).is_ignored())
        actions_->set(info.number, {});
    thread.signals.blocked.remove(info.number);
    thread.signals.forced.add(info.number);
    add_locked(thread.signals.pending, info);
    refresh_locked(thread);
}

void SignalState::discard(SignalSet numbers)
{
    LockGuard guard(lock_);
    discard_locked(numbers);
}

void SignalState::discard_locked(SignalSet numbers)
{
    discard_locked(pending_, numbers);
    for (UserThread& thread : threads_)
        discard_locked(thread.signals.pending, numbers);
}

// What is queued is booked as it changes, to who the process was when the first of it came. Standard signals that say
// nothing are queued whatever the limit: each is there once at most.
bool SignalState::add_locked(PendingSignals& pending, const SignalInfo& info, u64 limit)
{
    if (queued_charge_.bytes() == 0) {
        UserThread& first = threads_.front();
        const u32 user = first.share_credentials()->user.real;
        queued_charge_ = ledger::Charge(ledger::account_of(first, user), ledger::Kind::queued_signals, 0);
    }
    const bool counts = info.number >= signal_number::first_real_time || info.code < 0;
    const bool full = counts && queued_charge_.bytes_of_account() / PendingSignals::entry_size() >= limit;
    const usize before = pending.queued_bytes();
    const bool added = pending.add(info, full ? PendingSignals::Room::none : PendingSignals::Room::some);
    queued_charge_.set(queued_charge_.bytes() + pending.queued_bytes() - before);
    return added;
}

SignalInfo SignalState::take_locked(PendingSignals& pending, int number)
{
    const usize before = pending.queued_bytes();
    const SignalInfo info = pending.take(number);
    queued_charge_.set(queued_charge_.bytes() + pending.queued_bytes() - before);
    return info;
}

void SignalState::discard_locked(PendingSignals& pending, SignalSet numbers)
{
    const usize before = pending.queued_bytes();
    pending.discard(numbers);
    queued_charge_.set(queued_charge_.bytes() + pending.queued_bytes() - before);
}

std::optional<SignalInfo> SignalState::take(SignalSet wanted)
{
    PendingSignals& own = self().signals.pending;
    LockGuard guard(lock_);
    for (PendingSignals* pending : {&own, &pending_}) {
        const SignalSet candidates = pending->numbers() & wanted;
        if (!candidates.is_empty())
            return take_locked(*pending, candidates.lowest());
    }
    return std::nullopt;
}

std::optional<SignalState::Due> SignalState::take_due(SignalSet wanted)
{
    ThreadSignals& own = self().signals;
    LockGuard guard(lock_);
    if (fatal_ != 0)
        return Due{.info = take_locked(pending_, fatal_), .action = {}, .former_mask = own.blocked};
    const SignalSet takes = wanted & ~own.blocked;
    PendingSignals& source = (own.pending.numbers() & takes).is_empty() ? pending_ : own.pending;
    const SignalSet candidates = source.numbers() & takes;
    if (candidates.is_empty())
        return std::nullopt;
    const SignalSet urgent = candidates & (synchronous_signals | SignalSet::of(signal_number::kill));
    const int number = urgent.is_empty() ? candidates.lowest() : urgent.lowest();
    const SignalAction action = actions_->get(number);
    Due due{.info = take_locked(source, number), .action = action, .former_mask = own.blocked, .forced = own.forced.contains(number)};
    own.forced.remove(number);
    if (!action.has_handler())
        return due;
    const SignalSet in_force = own.blocked;
    due.former_mask = std::exchange(own.saved_blocked, std::nullopt).value_or(own.blocked);
    own.blocked = own.blocked | action.mask;
    if ((action.flags & SignalAction::no_defer) == 0)
        own.blocked.add(number);
    show_to_others_locked(self(), own.blocked & ~in_force);
    if ((action.flags & SignalAction::reset_handler) != 0) {
        SignalAction once = action;
        once.handler = SignalAction::handler_default;
        actions_->set(number, once);
    }
    return due;
}

void SignalState::refresh_locked(UserThread& thread)
{
    const ThreadSignals& own = thread.signals;
    const SignalSet due = (own.pending.numbers() | pending_.numbers()) & ~own.blocked;
    const bool something = fatal_ != 0 || thread.must_end || own.must_stop || !due.is_empty();
    thread.signal_pending.store(something, std::memory_order_relaxed);
}

void SignalState::refresh()
{
    LockGuard guard(lock_);
    refresh_locked(self());
}

void SignalState::end_threads(const UserThread* except)
{
    LockGuard guard(lock_);
    for (UserThread& thread : threads_) {
        if (&thread == except || thread.must_end)
            continue;
        thread.must_end = true;
        thread.fatal_signal_pending.store(true, std::memory_order_seq_cst);
        signals::alert(thread);
        scheduler::hurry(thread);
    }
}

void SignalState::stop_threads()
{
    LockGuard guard(lock_);
    for (UserThread& thread : threads_) {
        thread.signals.must_stop = true;
        signals::alert(thread);
    }
}

void SignalState::cancel_stop()
{
    LockGuard guard(lock_);
    for (UserThread& thread : threads_)
        thread.signals.must_stop = false;
}

bool SignalState::must_end() const
{
    LockGuard guard(lock_);
    return self().must_end;
}

bool SignalState::is_told_to_end() const
{
    LockGuard guard(lock_);
    return fatal_ != 0 || (!threads_.empty() && threads_.front().must_end);
}

bool SignalState::take_stop()
{
    LockGuard guard(lock_);
    return std::exchange(self().signals.must_stop, false);
}

}  // namespace tenon
