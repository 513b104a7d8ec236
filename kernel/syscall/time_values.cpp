#include "kernel/syscall/time_values.h"

#include "kernel/lib/checked.h"
#include "kernel/mm/user_access.h"
#include <tenon/time.h>

namespace tenon::syscall {

namespace {

constexpr u64 nanoseconds_per_microsecond = 1000;

}  // namespace

Result<u64> load_time(UserPtr<TimeSpec> pointer)
{
    const TimeSpec time = TRY(user::load(pointer));
    return to_nanoseconds(time);
}

Result<u64> to_nanoseconds(const TimeSpec& time)
{
    const bool sound = time.seconds >= 0 && time.nanoseconds >= 0 && static_cast<u64>(time.nanoseconds) < nanoseconds_per_second;
    if (!sound)
        return fail(Errno::inval);
    const auto seconds = checked_mul(static_cast<u64>(time.seconds), nanoseconds_per_second);
    const auto sum = seconds ? checked_add(*seconds, static_cast<u64>(time.nanoseconds)) : std::nullopt;
    return sum.value_or(WaitQueue::no_deadline - 1);
}

TimeSpec to_time_spec(u64 nanoseconds)
{
    return {.seconds = static_cast<i64>(nanoseconds / nanoseconds_per_second),
            .nanoseconds = static_cast<i64>(nanoseconds % nanoseconds_per_second)};
}

Result<u64> from_time_value(const TimeValue& time)
{
    constexpr i64 longest = 1 << 30;  // seconds
    if (time.seconds < 0 || time.microseconds < 0 || time.microseconds >= 1'000'000)
        return fail(Errno::inval);
    const auto seconds = static_cast<u64>(std::min(time.seconds, longest));
    return seconds * nanoseconds_per_second + static_cast<u64>(time.microseconds) * nanoseconds_per_microsecond;
}

TimeValue to_time_value(u64 nanoseconds)
{
    const TimeSpec time = to_time_spec(nanoseconds);
    return {.seconds = time.seconds, .microseconds = time.nanoseconds / static_cast<i64>(nanoseconds_per_microsecond)};
}

u64 deadline_after(u64 duration)
{
    return checked_add(monotonic_now(), duration).value_or(WaitQueue::no_deadline - 1);
}

}  // namespace tenon::syscall
