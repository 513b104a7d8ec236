#include "kernel/syscall/clock_id.h"

#include "kernel/proc/process_table.h"
#include "kernel/thread/scheduler.h"
#include "kernel/time/clock.h"
#include <tenon/time.h>

namespace tenon::syscall {

namespace {

enum Number : u32 {
    realtime = 0,
    monotonic = 1,
    process_time = 2,
    thread_time = 3,
    monotonic_raw = 4,
    realtime_coarse = 5,
    monotonic_coarse = 6,
    boot_time = 7,
};

// Negative numbers: the complement of the owner's id, then whether that is a thread's, then what is counted.
Result<ClockId> find_clock_of_owner(u32 number)
{
    constexpr u32 thread_bit = 4;
    enum Count : u32 { profile = 0, user = 1, scheduled = 2 };
    const u32 owner = ~(number >> 3 | 7u << 29);
    const bool is_thread = (number & thread_bit) != 0;
    switch (number & 3) {
    case profile:
    case scheduled:
        return ClockId{.kind = is_thread ? ClockId::Kind::thread_time : ClockId::Kind::process_time, .owner = owner};
    case user:
        if (!is_thread)
            return ClockId{.kind = ClockId::Kind::user_time, .owner = owner};
    }
    return fail(Errno::inval);
}

Result<u64> time_of_process(u32 id, u64 Process::Times::*part)
{
    const auto process = id == 0 ? Ref<Process>(&current_process()) : process_table::find(id);
    if (!process)
        return fail(Errno::inval);
    return clock::to_nanoseconds(process->times().*part);
}

Result<u64> time_of_thread(u32 id)
{
    if (id == 0)
        return clock::to_nanoseconds(Process::Times::of(arch::current_thread()).run);
    const auto found = process_table::find_thread(id);
    if (!found.thread || found.process.get() != &current_process())
        return fail(Errno::inval);
    return clock::to_nanoseconds(Process::Times::of(*found.thread).run);
}

}  // namespace

Result<ClockId> find_clock(u32 number)
{
    if (static_cast<int>(number) < 0)
        return find_clock_of_owner(number);
    switch (number) {
    case realtime: return ClockId{.kind = ClockId::Kind::realtime};
    case realtime_coarse: return ClockId{.kind = ClockId::Kind::realtime, .has_timers = false};
    case monotonic:
    case boot_time: return ClockId{.kind = ClockId::Kind::monotonic};
    case monotonic_raw:
    case monotonic_coarse: return ClockId{.kind = ClockId::Kind::monotonic, .has_timers = false};
    case process_time: return ClockId{.kind = ClockId::Kind::process_time};
    case thread_time: return ClockId{.kind = ClockId::Kind::thread_time};
    default: return fail(Errno::inval);
    }
}

Result<u64> read_clock(const ClockId& clock)
{
    switch (clock.kind) {
    case ClockId::Kind::realtime: return realtime_now();
    case ClockId::Kind::monotonic: return monotonic_now();
    case ClockId::Kind::user_time: return time_of_process(clock.owner, &Process::Times::user);
    case ClockId::Kind::process_time: scheduler::charge_caller(); return time_of_process(clock.owner, &Process::Times::run);
    case ClockId::Kind::thread_time: scheduler::charge_caller(); return time_of_thread(clock.owner);
    }
    return fail(Errno::inval);
}

}  // namespace tenon::syscall
