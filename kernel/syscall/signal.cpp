#include "kernel/syscall/signal.h"

#include "kernel/mm/user_access.h"
#include "kernel/proc/process.h"
#include "kernel/proc/process_access.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/process_timers.h"
#include "kernel/proc/signal.h"
#include "kernel/proc/signal_info.h"
#include "kernel/proc/signal_return.h"
#include "kernel/syscall/time_values.h"

namespace tenon::syscall {

namespace {

constexpr u64 set_size = sizeof(SignalSet);
constexpr u64 smallest_stack = 5120;  // MINSIGSTKSZ of arm64

Result<> check_number(int number)
{
    if (number < 0 || number > signal_number::count)
        return fail(Errno::inval);
    return {};
}

SignalInfo info_from(const Process& sender, int number, i32 code)
{
    return SignalInfo::process(number, code, sender.id, current_credentials().user.real);
}

// The id of any thread stands for its process.
Result<> send_to_one(u32 id, const SignalInfo& info)
{
    LockGuard guard(process_table::lock);
    const UserThread* thread = process_table::find_thread_locked(id);
    if (thread == nullptr)
        return fail(Errno::srch);
    Process& target = *thread->process();
    if (!process_access::may_signal(target, info.number))
        return fail(Errno::perm);
    return info.number != 0 ? signals::send_for_program_locked(target, nullptr, info) : Result<>();
}

// `process` is the id that its process must have, or 0 for any.
Result<> send_to_thread(u32 process, u32 id, const SignalInfo& info)
{
    LockGuard guard(process_table::lock);
    UserThread* thread = process_table::find_thread_locked(id);
    if (thread == nullptr || (process != 0 && thread->process()->id != process))
        return fail(Errno::srch);
    if (!process_access::may_signal(*thread->process(), info.number))
        return fail(Errno::perm);
    return info.number != 0 ? signals::send_for_program_locked(*thread->process(), thread, info) : Result<>();
}

// What a program says about a signal that it sends; it may not pretend that another or the kernel sent it.
Result<SignalInfo> load_info(UserPtr<SignalInfo> pointer, int number, bool to_itself)
{
    SignalInfo info = TRY(user::load(pointer));
    info.number = number;
    const bool pretends = info.code >= 0 || info.code == SignalInfo::from_thread_kill;
    if (pretends && !to_itself)
        return fail(Errno::perm);
    return info;
}

struct Sent {
    bool any = false;      // there is somebody
    bool allowed = false;  // and the caller may signal one of them
};

// One after the other, so that many do not keep the lock. Whoever comes into being meanwhile has a larger id, so his turn is to come
// (but for the moment at which ids start again).
template <typename Predicate>
Sent send_to_those(const SignalInfo& info, Predicate&& is_meant)
{
    Sent sent;
    u32 next = 0;
    while (const auto target = process_table::at_or_after(next)) {
        next = target->id + 1;
        static_cast<void>(resched_point());  // all of them, even when the sender is among those that are killed
        LockGuard guard(process_table::lock);
        if (process_table::find_locked(target->id) != target.get() || !is_meant(*target))
            continue;
        sent.any = true;
        if (!process_access::may_signal(*target, info.number))
            continue;
        sent.allowed = true;
        if (info.number != 0)
            static_cast<void>(signals::send_for_program_locked(*target, nullptr, info));  // kill(2) says nothing that could be lost
    }
    return sent;
}

// kill(-1): everybody but init and the sender. As on Linux it is no error when the caller may signal none of them.
Result<> send_to_all(const Process& sender, const SignalInfo& info)
{
    const Sent sent = send_to_those(info, [&](const Process& target) { return target.id != 1 && &target != &sender; });
    return sent.any ? Result<>() : fail(Errno::srch);
}

Result<> send_to_group(u32 group, const SignalInfo& info)
{
    const Sent sent = send_to_those(info, [&](const Process& target) { return target.group == group; });
    if (!sent.any)
        return fail(Errno::srch);
    return sent.allowed ? Result<>() : fail(Errno::perm);
}

}  // namespace

Result<u64> sys_kill(const Arguments& arguments)
{
    const int target = arguments.as_int(0);
    const int number = arguments.as_int(1);
    TRY(check_number(number));
    Process& sender = current_process();
    const SignalInfo info = info_from(sender, number, SignalInfo::from_user);
    if (target > 0)
        TRY(send_to_one(static_cast<u32>(target), info));
    else if (target == -1)
        TRY(send_to_all(sender, info));
    else
        TRY(send_to_group(target == 0 ? sender.group : static_cast<u32>(-static_cast<i64>(target)), info));
    return 0;
}

Result<u64> sys_tkill(const Arguments& arguments)
{
    const int number = arguments.as_int(1);
    TRY(check_number(number));
    if (arguments.as_int(0) <= 0)
        return fail(Errno::inval);
    TRY(send_to_thread(0, arguments.as_u32(0), info_from(current_process(), number, SignalInfo::from_thread_kill)));
    return 0;
}

Result<u64> sys_tgkill(const Arguments& arguments)
{
    const int number = arguments.as_int(2);
    TRY(check_number(number));
    if (arguments.as_int(0) <= 0 || arguments.as_int(1) <= 0)
        return fail(Errno::inval);
    TRY(send_to_thread(arguments.as_u32(0), arguments.as_u32(1),
                       info_from(current_process(), number, SignalInfo::from_thread_kill)));
    return 0;
}

Result<u64> sys_rt_sigqueueinfo(const Arguments& arguments)
{
    const int number = arguments.as_int(1);
    TRY(check_number(number));
    const bool to_itself = arguments.as_u32(0) == current_process().id;
    const SignalInfo info = TRY(load_info(arguments.pointer<SignalInfo>(2), number, to_itself));
    TRY(send_to_one(arguments.as_u32(0), info));
    return 0;
}

Result<u64> sys_rt_tgsigqueueinfo(const Arguments& arguments)
{
    const int number = arguments.as_int(2);
    TRY(check_number(number));
    if (arguments.as_int(0) <= 0 || arguments.as_int(1) <= 0)
        return fail(Errno::inval);
    const bool to_itself = arguments.as_u32(1) == current_user_thread().id();
    const SignalInfo info = TRY(load_info(arguments.pointer<SignalInfo>(3), number, to_itself));
    TRY(send_to_thread(arguments.as_u32(0), arguments.as_u32(1), info));
    return 0;
}

Result<u64> sys_rt_sigaction(const Arguments& arguments)
{
    const int number = arguments.as_int(0);
    if (number < 1 || number > signal_number::count || arguments[3] != set_size)
        return fail(Errno::inval);
    SignalState& state = *current_process().signals;
    SignalAction former;
    if (arguments[1] != 0) {
        if (unblockable_signals.contains(number))
            return fail(Errno::inval);
        const SignalAction action = TRY(user::load(arguments.pointer<SignalAction>(1)));
        former = state.set_action(number, action);
        current_process().timers->action_changed(number);
    } else {
        former = state.action(number);
    }
    if (arguments[2] != 0)
        TRY(user::store(arguments.pointer<SignalAction>(2), former));
    return 0;
}

Result<u64> sys_rt_sigprocmask(const Arguments& arguments)
{
    constexpr int block = 0;
    constexpr int unblock = 1;
    constexpr int replace = 2;
    if (arguments[3] != set_size)
        return fail(Errno::inval);
    SignalState& state = *current_process().signals;
    const SignalSet former = current_user_thread().signals.blocked;
    if (arguments[1] != 0) {
        const SignalSet set = TRY(user::load(arguments.pointer<SignalSet>(1)));
        switch (arguments.as_int(0)) {
        case block: state.set_blocked(former | set); break;
        case unblock: state.set_blocked(former & ~set); break;
        case replace: state.set_blocked(set); break;
        default: return fail(Errno::inval);
        }
    }
    if (arguments[2] != 0)
        TRY(user::store(arguments.pointer<SignalSet>(2), former));
    return 0;
}

Result<u64> sys_rt_sigpending(const Arguments& arguments)
{
    if (arguments[1] > set_size)
        return fail(Errno::inval);
    const SignalState& state = *current_process().signals;
    const UserThread& thread = current_user_thread();
    const SignalSet waiting = (state.pending() | state.pending(thread)) & thread.signals.blocked;
    TRY(user::copy_to(arguments.address(0), std::as_bytes(std::span(&waiting, 1)).first(arguments[1])));
    return 0;
}

Result<u64> sys_rt_sigsuspend(const Arguments& arguments)
{
    if (arguments[1] != set_size)
        return fail(Errno::inval);
    const SignalSet mask = TRY(user::load(arguments.pointer<SignalSet>(0)));
    current_process().signals->set_temporary_mask(mask);
    WaitQueue nobody;  // who sends a signal wakes the thread
    static_cast<void>(nobody.wait_until(Interruptible::yes, [] { return false; }));
    return fail(Errno::restart_nohand);
}

Result<u64> sys_rt_sigtimedwait(const Arguments& arguments)
{
    if (arguments[3] != set_size)
        return fail(Errno::inval);
    const SignalSet wanted = TRY(user::load(arguments.pointer<SignalSet>(0))) & ~unblockable_signals;
    u64 deadline = WaitQueue::no_deadline;
    if (arguments[2] != 0) {
        const u64 duration = TRY(load_time(arguments.pointer<TimeSpec>(2)));
        deadline = deadline_after(duration);
    }
    const SignalInfo info = TRY(signals::wait_for(wanted, deadline));
    if (arguments[1] != 0)
        TRY(user::store(arguments.pointer<UserSignalInfo>(1), UserSignalInfo{.info = info}));
    return static_cast<u64>(info.number);
}

Result<u64> sys_rt_sigreturn(const Arguments&)
{
    arch::UserRegisters& registers = arch::user_registers(arch::current_thread());
    const auto restored = arch::pop_signal_frame(registers);
    registers.system_call_number = ~u64{0};  // x0 is the program's, not a result
    if (!restored) {
        signals::force(SignalInfo::fault(signal_number::segmentation_fault, SignalInfo::not_mapped, registers.sp));
        return registers.x[0];
    }
    current_process().signals->set_blocked(restored->mask);
    SignalStack& stack = current_user_thread().signals.alternate_stack;
    if (!stack.contains(registers.sp) && (restored->stack.flags & SignalStack::disabled) == 0)
        stack = {.start = restored->stack.start, .flags = 0, .size = restored->stack.size};
    return registers.x[0];
}

Result<u64> sys_sigaltstack(const Arguments& arguments)
{
    SignalStack& stack = current_user_thread().signals.alternate_stack;
    const u64 stack_pointer = arch::user_registers(arch::current_thread()).sp;
    SignalStack former = stack;
    const bool in_use = former.contains(stack_pointer);
    if (in_use)
        former.flags = SignalStack::on_stack;
    if (arguments[0] != 0) {
        SignalStack wanted = TRY(user::load(arguments.pointer<SignalStack>(0)));
        if (in_use)
            return fail(Errno::perm);
        const bool disable = (wanted.flags & SignalStack::disabled) != 0;
        if (!disable && (wanted.flags & ~SignalStack::on_stack) != 0)
            return fail(Errno::inval);
        if (!disable && wanted.size < smallest_stack)
            return fail(Errno::nomem);
        wanted.flags = disable ? SignalStack::disabled : 0;
        stack = disable ? SignalStack() : wanted;
    }
    if (arguments[1] != 0)
        TRY(user::store(arguments.pointer<SignalStack>(1), former));
    return 0;
}

}  // namespace tenon::syscall
