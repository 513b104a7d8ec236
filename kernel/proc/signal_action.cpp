#include "kernel/proc/signal_action.h"

#include <new>
#include <utility>

namespace tenon {

Result<Ref<SignalActions>> SignalActions::create()
{
    auto actions = adopt_ref(new (std::nothrow) SignalActions);
    if (!actions)
        return fail(Errno::nomem);
    return actions;
}

Result<Ref<SignalActions>> SignalActions::clone() const
{
    auto copy = TRY(create());
    LockGuard guard(lock_);
    copy->actions_ = actions_;
    return copy;
}

SignalAction SignalActions::get(int number) const
{
    LockGuard guard(lock_);
    return actions_[static_cast<usize>(number - 1)];
}

SignalAction SignalActions::set(int number, const SignalAction& action)
{
    LockGuard guard(lock_);
    return std::exchange(actions_[static_cast<usize>(number - 1)], action);
}

bool SignalActions::ignores(int number) const
{
    const SignalAction action = get(number);
    if (!action.is_default())
        return action.is_ignored();
    const DefaultAction fallback = default_action(number);
    return fallback == DefaultAction::ignore || fallback == DefaultAction::continue_;
}

void SignalActions::reset_handlers()
{
    LockGuard guard(lock_);
    for (SignalAction& action : actions_) {
        const bool ignored = action.is_ignored();
        action = {};
        if (ignored)
            action.handler = SignalAction::handler_ignore;
    }
}

}  // namespace tenon
