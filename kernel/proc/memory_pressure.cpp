#include "kernel/proc/memory_pressure.h"

#include <atomic>

#include "kernel/mm/ledger.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/proc/process.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/signal.h"
#include <tenon/log.h>
#include <tenon/time.h>

namespace tenon::memory_pressure {

namespace {

constexpr u32 init_id = 1;
constexpr u64 pause = 50'000'000;            // nanoseconds between attempts, when nothing happens before
constexpr unsigned patience_attempts = 20;   // how many of them memory that is being given back is waited for
constexpr u64 victim_patience = 1'000'000'000;  // nanoseconds until somebody else follows a victim that does not end

std::atomic<u32> givebacks{0};
WaitQueue given_back;

// The last who was told to end (0: nobody), and until when it is waited for. Protected by process_table::lock.
u32 victim_id = 0;
u64 victim_deadline = 0;

bool is_told_to_end(const Process& process)
{
    return process.signals->is_told_to_end();
}

bool is_ordinary(const Process& process)
{
    const Ref<const Credentials> credentials = process.share_credentials();
    return credentials->user.real != 0 && !credentials->has(Capability::sys_resource);
}

// Who loses: of the user who would give back most the largest process, the youngest among equals.
class Choice {
public:
    void consider(Process& process)
    {
        const ledger::Account* const account = process.leader->account.load(std::memory_order_relaxed);
        const u64 of_user = account != nullptr ? account->releasable() : 0;
        const u64 pages = process.resident_pages();
        if (process_ != nullptr && (of_user < of_user_ || (of_user == of_user_ && pages < pages_)))
            return;
        process_ = &process;
        of_user_ = of_user;
        pages_ = pages;
    }
    Process* process() const { return process_; }

private:
    Process* process_ = nullptr;
    u64 of_user_ = 0;
    u64 pages_ = 0;
};

enum class Victims : u8 {
    all,
    ordinary,           // processes of root are not looked at
    ordinary_or_nobody  // nobody when one of root would be chosen
};

Process* choose_locked(Victims victims)
{
    Choice choice;
    process_table::for_each_locked([&](Process& process) {
        const bool exempt = process.id == init_id || process.state == Process::State::zombie || is_told_to_end(process) ||
                            (victims == Victims::ordinary && !is_ordinary(process));
        if (!exempt)
            choice.consider(process);
    });
    const bool spared = victims == Victims::ordinary_or_nobody && choice.process() != nullptr && !is_ordinary(*choice.process());
    return spared ? nullptr : choice.process();
}

void end_process(Process& process)
{
    log::error("memory", "out of memory: ending process {} ({}) of user {}", process.id, process.share_leader()->name(),
               process.share_credentials()->user.real);
    signals::send(process, SignalInfo::kernel(signal_number::kill));
}

bool is_gone(const Process& process)
{
    return process.state == Process::State::zombie && givebacks.load(std::memory_order_acquire) == 0;
}

// The victim that is waited for still, or a new one, who has been told. Empty when there is nobody.
Ref<Process> find_victim(Victims victims)
{
    const u64 now = monotonic_now();
    Ref<Process> chosen;
    {
        LockGuard guard(process_table::lock);
        Process* const victim = process_table::find_locked(victim_id);
        if (victim != nullptr && !is_gone(*victim) && now < victim_deadline)
            return Ref<Process>(victim);
        chosen = Ref<Process>(choose_locked(victims));
        victim_id = chosen ? chosen->id : 0;
        victim_deadline = now + victim_patience;
    }
    if (chosen)
        end_process(*chosen);
    return chosen;
}

using Wanted = bool (*)();  // whether what is wanted can be had now

template <typename Condition>
Outcome wait_for(Wanted wanted, Condition&& condition)
{
    // Ended early by a signal that ends the caller: the next attempt sees it.
    static_cast<void>(given_back.wait_until_deadline(Interruptible::killable, monotonic_now() + pause, [&] {
        return wanted() || condition();
    }));
    return Outcome::try_again;
}

// Whether it was worth waiting for memory that is being given back.
bool wait_for_givebacks(Wanted wanted, unsigned attempt)
{
    if (givebacks.load(std::memory_order_acquire) == 0 || attempt >= patience_attempts)
        return false;
    wait_for(wanted, [] { return givebacks.load(std::memory_order_acquire) == 0; });
    return true;
}

}  // namespace

Giveback::Giveback()
{
    givebacks.fetch_add(1, std::memory_order_relaxed);
}

Giveback::~Giveback()
{
    givebacks.fetch_sub(1, std::memory_order_release);
    given_back.wake_all();
}

Outcome relieve(unsigned attempt)
{
    Process& caller = current_process();
    if (is_told_to_end(caller))
        return Outcome::give_up;
    if (wait_for_givebacks(memory_limits::has_user_page, attempt))
        return Outcome::try_again;
    const Ref<Process> chosen = find_victim(is_ordinary(caller) ? Victims::ordinary : Victims::all);
    if (!chosen && caller.id != init_id)
        end_process(caller);
    if (is_told_to_end(caller))
        return Outcome::give_up;
    return wait_for(memory_limits::has_user_page, [&] { return chosen && is_gone(*chosen); });
}

Result<> require_growth()
{
    Process& caller = current_process();
    for (unsigned attempt = 0;; ++attempt) {
        const Result<> granted = memory_limits::require_growth();
        if (granted || !capable(Capability::sys_resource) || is_told_to_end(caller))
            return granted;
        if (wait_for_givebacks(memory_limits::has_growth, attempt))
            continue;
        const Ref<Process> chosen = find_victim(Victims::ordinary_or_nobody);
        if (!chosen)
            return granted;
        wait_for(memory_limits::has_growth, [&] { return is_gone(*chosen); });
    }
}

}  // namespace tenon::memory_pressure
