#include "kernel/thread/cross_call.h"

#include <atomic>
#include <bit>

#include "kernel/arch.h"
#include "kernel/lib/cpu_set.h"
#include "kernel/lib/panic.h"
#include "kernel/thread/scheduler.h"
#include <tenon/cpu.h>
#include <tenon/sync.h>

namespace tenon {
namespace cross_call {
namespace {

using Function = void (*)(void*);

Mutex calls;  // held from the first to the last step of a call
// Of the call under way; written by the caller while nobody is asked.
constinit Function function = nullptr;
constinit void* argument = nullptr;
// The CPUs that have not run it yet. Setting a bit (release) publishes the function to that CPU, which looks with acquire; clearing it
// (release) publishes what the function did to the caller, who waits with acquire (litmus: Quiescence.CrossCalls).
constinit std::atomic<CpuSet> asked{0};
constinit std::atomic<CpuSet> members{0};

CpuSet this_cpu()
{
    return set_of_cpu(arch::cpu_index());
}

void run_here(Function run, void* target)
{
    const u64 interrupts = arch::disable_interrupts();
    run(target);
    arch::restore_interrupts(interrupts);
}

// With `calls` held, so this thread stays on its CPU. Interrupts stay on while it waits: nobody who waits for this CPU waits for long.
// Its halves of the pairs with answer() (litmus: Quiescence.CrossCalls).
void call(CpuSet cpus, Function run, void* target)
{
    function = run;
    argument = target;
    const CpuSet others = cpus & ~this_cpu();
    asked.store(others, std::memory_order_release);
    for (unsigned cpu = 0; cpu < arch::max_cpus; ++cpu)
        if ((others >> cpu & 1) != 0)
            arch::send_call(cpu);
    if (others != cpus)
        run_here(run, target);
    while (asked.load(std::memory_order_acquire) != 0)
        arch::relax();
}

void require_thread()
{
    expect(arch::interrupts_enabled(), "a cross-CPU call with interrupts off");
}

}  // namespace

// What a call before that changed is seen from here on (litmus: Publication.ArrivalOfACpu).
void join()
{
    members.fetch_or(this_cpu(), std::memory_order_seq_cst);
    arch::synchronise_context();  // a call before that has not asked this CPU
}

void answer()
{
    // The other halves of the pairs with call() (litmus: Quiescence.CrossCalls).
    if ((asked.load(std::memory_order_acquire) & this_cpu()) == 0)
        return;
    function(argument);
    asked.fetch_and(~this_cpu(), std::memory_order_release);
}

void synchronise_contexts()
{
    require_thread();
    // Pairs with scheduler::run_idle(): who is seen asleep here synchronises after it has said that it is awake
    // (litmus: Quiescence.SleepingCpusAreNotWaitedFor).
    std::atomic_thread_fence(std::memory_order_seq_cst);
    CpuSet others = members.load(std::memory_order_seq_cst) & ~this_cpu();
    for (CpuSet rest = others; rest != 0; rest &= rest - 1)
        if (const unsigned cpu = static_cast<unsigned>(std::countr_zero(rest)); scheduler::is_asleep(cpu))
            others &= ~set_of_cpu(cpu);
    arch::synchronise_context();
    if (others == 0)
        return;
    LockGuard guard(calls);
    call(others, [](void*) { arch::synchronise_context(); }, nullptr);
}

}  // namespace cross_call

void detail::run_on_all_cpus(void (*function)(void*), void* argument)
{
    cross_call::require_thread();
    LockGuard guard(cross_call::calls);
    // Pairs with join() (litmus: Publication.ArrivalOfACpu).
    cross_call::call(cross_call::members.load(std::memory_order_seq_cst), function, argument);
}

}  // namespace tenon
