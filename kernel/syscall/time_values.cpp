#include "kernel/syscall/time_values.h"

#include "kernel/lib/checked.h"
#include "kernel/mm/user_access.h"
#include <tenon/time.h>

namespace tenon::syscall {

Result<u64> load_time(UserPtr<TimeSpec> pointer)
{
    const TimeSpec time = TRY(user::load(pointer));
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

u64 deadline_after(u64 duration)
{
    return checked_add(monotonic_now(), duration).value_or(WaitQueue::no_deadline - 1);
}

u64 deadline_of_realtime(u64 time)
{
    const u64 now = realtime_now();
    return time > now ? deadline_after(time - now) : 0;
}

}  // namespace tenon::syscall
