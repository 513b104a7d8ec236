#include "kernel/proc/alarm.h"

#include <algorithm>

#include "kernel/proc/process.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/scheduler.h"
#include "kernel/proc/signal.h"
#include <tenon/time.h>

namespace tenon::alarms {

namespace {

// A shorter interval would leave no time for anything else.
constexpr u64 shortest_interval = 1'000'000;

// process_table::lock protects Process::alarm_deadline and alarm_interval of all processes.
WaitQueue changed;
std::atomic<u64> earliest{WaitQueue::no_deadline};

// Sends what is due and returns when the next one is.
u64 send_due(u64 now)
{
    LockGuard guard(process_table::lock);
    u64 next = WaitQueue::no_deadline;
    process_table::for_each_locked([&](Process& process) {
        if (process.alarm_deadline == 0)
            return;
        if (process.alarm_deadline <= now) {
            signals::send_locked(process, SignalInfo::kernel(signal_number::alarm));
            const u64 interval = process.alarm_interval;
            process.alarm_deadline = interval == 0 ? 0 : now + std::max(interval, shortest_interval);
        }
        if (process.alarm_deadline != 0)
            next = std::min(next, process.alarm_deadline);
    });
    earliest.store(next);
    return next;
}

void run(void*)
{
    for (;;) {
        const u64 deadline = send_due(monotonic_now());
        scheduler::yield();  // many alarms that are always due must not keep the CPU
        static_cast<void>(
            changed.wait_until_deadline(Interruptible::no, deadline, [&] { return earliest.load() < deadline; }));
    }
}

Setting setting_at(const Process& process, u64 now)
{
    if (process.alarm_deadline == 0)
        return {.interval = process.alarm_interval};
    const u64 remaining = process.alarm_deadline > now ? process.alarm_deadline - now : 1;
    return {.remaining = remaining, .interval = process.alarm_interval};
}

}  // namespace

Result<> initialise()
{
    const auto thread = TRY(Thread::create("alarms", run, nullptr, nullptr));
    scheduler::start_thread(*thread);
    return {};
}

Setting get(const Process& process)
{
    LockGuard guard(process_table::lock);
    return setting_at(process, monotonic_now());
}

Setting set(Process& process, Setting setting)
{
    const u64 now = monotonic_now();
    LockGuard guard(process_table::lock);
    const Setting former = setting_at(process, now);
    process.alarm_interval = setting.interval;
    process.alarm_deadline = setting.remaining == 0 ? 0 : std::min(now + setting.remaining, WaitQueue::no_deadline - 1);
    if (process.alarm_deadline != 0 && process.alarm_deadline < earliest.load()) {
        earliest.store(process.alarm_deadline);
        changed.wake_all();
    }
    return former;
}

void cancel(Process& process)
{
    set(process, {});
}

}  // namespace tenon::alarms
