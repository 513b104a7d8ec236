#pragma once

#include <tenon/fs.h>
#include <tenon/time.h>

namespace tenon {

// The time that files get when they are made or changed.
inline TimeSpec file_time_now()
{
    const u64 now = realtime_now();
    return {static_cast<i64>(now / nanoseconds_per_second), static_cast<i64>(now % nanoseconds_per_second)};
}

}  // namespace tenon
