#include "kernel/proc/memory_pressure.h"

#include "kernel/proc/process.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/signal.h"
#include <tenon/log.h>
#include <tenon/time.h>

namespace tenon::memory_pressure {

namespace {

constexpr u32 init_id = 1;
constexpr unsigned max_attempts = 500;
constexpr u64 pause = 10'000'000;  // nanoseconds between attempts

// The largest process, the youngest among equals; never init.
Ref<Process> choose_victim()
{
    LockGuard guard(process_table::lock);
    Process* victim = nullptr;
    u64 largest = 0;
    process_table::for_each_locked([&](Process& process) {
        const bool exempt = process.id == init_id || process.state == Process::State::zombie;
        const u64 pages = exempt ? 0 : process.resident_pages();
        if (pages == 0 || pages < largest)
            return;
        largest = pages;
        victim = &process;
    });
    return Ref<Process>(victim);
}

void end_process(Process& victim)
{
    log::error("memory", "out of memory: ending process {} ({})", victim.id, victim.thread->name());
    signals::send(victim, SignalInfo::kernel(signal_number::kill));
}

}  // namespace

Outcome relieve(unsigned attempt)
{
    Process& caller = current_process();
    if (caller.signals->pending().contains(signal_number::kill))
        return Outcome::give_up;
    const Ref<Process> victim = choose_victim();
    if (!victim || victim.get() == &caller || (attempt >= max_attempts && caller.id != init_id)) {
        end_process(caller);
        return Outcome::give_up;
    }
    if (!victim->signals->pending().contains(signal_number::kill))
        end_process(*victim);
    static_cast<void>(sleep_for(pause, Interruptible::no));
    return Outcome::try_again;
}

}  // namespace tenon::memory_pressure
