#include "tests/core/machine/boot.h"

#include <unistd.h>

#include <cstdio>
#include <thread>

#include "kernel/lib/cpu_set.h"
#include "kernel/lib/panic.h"
#include "kernel/thread/cross_call.h"
#include "kernel/thread/scheduler.h"
#include "kernel/time/clock.h"
#include "tests/core/machine/cpu.h"
#include <tenon/time.h>

namespace tenon::machine {
namespace {

struct Work {
    int (*body)(void*);
    void* argument;
};

void adopt(unsigned cpu)
{
    become_cpu(cpu);
    auto idle = Thread::adopt_boot_flow("idle", KernelAddr());
    expect(idle.has_value(), "no idle thread");
    scheduler::adopt_boot_flow(std::move(*idle));
    cross_call::join();
}

bool have_all_arrived()
{
    return scheduler::online_cpus() == cpu_count;
}

// Threads that sleep, wake and look round while CPUs arrive, which therefore get work as soon as they can be seen.
void be_restless(void*)
{
    while (!have_all_arrived()) {
        expect(sleep_for(20'000, Interruptible::no).has_value(), "an uninterruptible sleep was interrupted");
        scheduler::ask_for_points(monotonic_now());
        for (const u64 end = monotonic_now() + 20'000; monotonic_now() < end;)
            (void)resched_point();
    }
    scheduler::exit_thread();
}

void start(const char* name, void (*entry)(void*), void* argument)
{
    const auto thread = Thread::create(name, entry, argument);
    expect(thread.has_value(), "no thread");
    scheduler::start_thread(**thread);
}

void run_work(void* work)
{
    scheduler::set_allowed_cpus(arch::current_thread(), set_of_cpu(0));
    while (!have_all_arrived())
        expect(sleep_for(100'000, Interruptible::no).has_value(), "an uninterruptible sleep was interrupted");
    const Work& todo = *static_cast<Work*>(work);
    const int status = todo.body(todo.argument);
    std::fflush(nullptr);
    // Destructors of global objects have no business while the other CPUs run.
    _exit(status);
}

}  // namespace

void boot(int (*body)(void*), void* argument)
{
    Work work{body, argument};
    clock::initialise(arch::counter());
    adopt(0);
    for (unsigned cpu = 1; cpu < cpu_count; ++cpu)
        std::thread([cpu] {
            usleep(cpu * 1000);
            adopt(cpu);
            scheduler::run_idle();
        }).detach();
    for (int i = 0; i < 3; ++i)
        start("restless", be_restless, nullptr);
    start("tests", run_work, &work);
    scheduler::run_idle();
}

}  // namespace tenon::machine
