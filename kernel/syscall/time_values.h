#pragma once

#include "kernel/lib/address.h"
#include "kernel/lib/result.h"
#include "kernel/proc/resource_usage.h"
#include <tenon/fs.h>

// Times as user space passes them, and deadlines of monotonic time.

namespace tenon::syscall {

// Nanoseconds; too large a time becomes the largest. Errno::inval for a negative or malformed one, fault.
Result<u64> load_time(UserPtr<TimeSpec> pointer);
Result<u64> to_nanoseconds(const TimeSpec& time);
TimeSpec to_time_spec(u64 nanoseconds);

using TimeValue = ResourceUsage::TimeValue;
// Nanoseconds. Errno::inval for a negative or malformed one.
Result<u64> from_time_value(const TimeValue& time);
TimeValue to_time_value(u64 nanoseconds);

// Monotonic time after `duration` nanoseconds; "never" when that cannot be represented.
u64 deadline_after(u64 duration);

}  // namespace tenon::syscall
